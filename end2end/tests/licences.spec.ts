import { ReferencePage } from '../pages/licences'
import { expect, keeper, newName, test } from '../support/fixtures'
import { drawing } from '../support/pictures'

test('administrators add a licence and change it, and its page tells what it means', async ({ page, api, watch }) => {
  watch.allow(/400/)
  await api.signIn(keeper)
  const licences = new ReferencePage(page, 'licence')
  const id = newName('X-')
  await licences.openList()
  await licences.add({ Id: id, Title: `Ask ${id} first`, 'Page about it': 'ftp://example.org/' })
  await expect(page.locator('#info_url-error')).toContainText('http')
  await licences.correct({ 'Page about it': 'https://example.org/' })
  await licences.isOf(`Ask ${id} first`)
  await expect(page.getByText('Restricted')).toBeVisible()

  await licences.change({ Description: 'Write to the author.' }, ['Free: everybody may use'])
  await expect(page.locator('.description')).toHaveText('Write to the author.')
  await expect(page.getByText('Free', { exact: true })).toBeVisible()
  await expect(page.getByRole('link', { name: 'About it' })).toHaveAttribute('href', 'https://example.org/')

  await api.upload(drawing('licensed.png'), { licence: [id] })
  await licences.openList()
  await expect(page.getByRole('link', { name: `1 picture under Ask ${id} first` })).toBeVisible()
})

test('a change that is refused says why, and loses nothing that was typed', async ({ page, api, watch }) => {
  watch.allow(/400/)
  await api.signIn(keeper)
  const licences = new ReferencePage(page, 'licence')
  const id = newName('X-')
  await licences.openList()
  await licences.add({ Id: id, Title: `Ask ${id} first` })
  await licences.isOf(`Ask ${id} first`)
  // The first time, and once more after a change that worked.
  for (const description of ['Write to the author.', 'Call the author.']) {
    await licences.change({ Description: description, 'Page about it': 'ftp://example.org/' })
    await expect(page.locator('#info_url-error')).toContainText('http')
    await expect(page.getByLabel(/^Page about it/)).toHaveValue('ftp://example.org/')
    await expect(page.getByLabel(/^Description/)).toHaveValue(description)
    await licences.save({ 'Page about it': 'https://example.org/' })
    await expect(page.locator('.description')).toHaveText(description)
  }
})

test('administrators add a nature and change it', async ({ page, api }) => {
  await api.signIn(keeper)
  const natures = new ReferencePage(page, 'nature')
  const id = newName('nature-')
  await natures.openList()
  await natures.add({ Id: id, Description: 'Seen through.' })
  await expect(page.locator('.page-head code')).toHaveText(id)
  await natures.change({ Description: 'Made with X-rays.' })
  await expect(page.locator('.description')).toHaveText('Made with X-rays.')
})

test('others read what licences and natures mean, and see no forms', async ({ page }) => {
  const licences = new ReferencePage(page, 'licence')
  await licences.openList()
  await expect(page.getByText('Add a licence')).toHaveCount(0)
  await licences.open('CC-BY-SA-4.0')
  await expect(page.getByText('Free', { exact: true })).toBeVisible()
  await expect(page.getByText('Change this licence')).toHaveCount(0)
  await page.getByRole('link', { name: 'Licences' }).first().click()
  await page.getByRole('link', { name: 'nature', exact: true }).click()
  await page.getByRole('link', { name: 'Video frame', exact: true }).click()
  await expect(page.locator('.description')).toContainText('film')
})
