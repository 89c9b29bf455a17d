import { AddToGallery } from '../pages/grid'
import { PicturePage, ReplacePage } from '../pages/picture'
import { type Account, type Picture, type Region, Api, expect, hydrated, keeper, newName, open, test } from '../support/fixtures'
import { drawing } from '../support/pictures'
import { RegisterPage } from '../pages/accounts'

type Detail = Picture & Record<string, unknown>

const box = (object: string, x: number): Omit<Region, 'id'> => ({ type: 'bbox', shape: { x, y: 0.2, w: 0.2, h: 0.5 }, object })

test('metadata is edited in place', async ({ page, api, studio }) => {
  const picture = new PicturePage(page)
  await picture.open(studio.picture.id)
  await picture.edit()
  await expect(picture.field('Title')).toBeFocused()
  const title = newName('A better title ')
  await picture.field('Title').fill(title)
  await picture.field('Description').fill('One line.\nAnother <b>line</b>.')
  await picture.field('Origin').fill('https://example.org/origin?a=1&b=2')
  await page.getByLabel('Nature').selectOption('scan')
  await page.getByRole('checkbox', { name: /Commons Attribution 4\.0/ }).check()
  await picture.save()
  await expect(page).toHaveURL(/\/picture\/\d+$/)
  await expect(picture.heading).toHaveText(title)
  await expect(picture.editLink).toBeFocused()
  const details = picture.section('Details')
  await expect(details).toContainText('Scan')
  await expect(details.getByRole('link', { name: /Attribution 4\.0/ })).toBeVisible()
  const detail = await api.get<Detail>(`/picture/${studio.picture.id}/`)
  expect(detail).toMatchObject({
    title,
    description: 'One line.\nAnother <b>line</b>.',
    origin_url: 'https://example.org/origin?a=1&b=2',
    nature: 'scan',
    licences: ['CC-BY-4.0', 'CC0-1.0'],
  })
  await page.reload()
  await hydrated(page)
  await expect(picture.heading).toHaveText(title)
  await picture.edit()
  await expect(picture.field('Description')).toHaveValue('One line.\nAnother <b>line</b>.')
  await page.getByRole('link', { name: 'Cancel' }).click()
  await expect(picture.heading).toHaveText(title)
  await expect(picture.editLink).toBeFocused()
})

test('a wrong field is told beside it, and nothing is lost', async ({ page, studio, watch }) => {
  watch.allow(/400/)
  const picture = new PicturePage(page)
  await picture.open(studio.picture.id)
  await picture.edit()
  await picture.field('Title').fill('Kept')
  await picture.field('Origin').fill('ftp://example.org/file')
  await picture.save()
  await expect(page.locator('#origin_url-error')).toContainText('Must start with http:// or https://')
  await expect(picture.field('Origin')).toBeFocused()
  await expect(picture.field('Title')).toHaveValue('Kept')
})

test('of two who edit the same picture the second sees what the first wrote, and overwrites only what both changed', async ({ page, api, studio, watch }) => {
  watch.allow(/412/)
  const id = studio.picture.id
  const picture = new PicturePage(page)
  await picture.open(id)
  await picture.edit()
  await picture.field('Title').fill('Mine')
  await api.post(`/picture/${id}/update`, { title: 'Theirs', description: 'By somebody else.', nature_id: 'scan' })
  await picture.save()
  const notice = page.getByRole('note').filter({ hasText: 'Somebody else has changed this picture' })
  await expect(notice).toBeInViewport()
  await expect(notice).toContainText('You both changed this')
  await expect(notice).toContainText('Theirs')
  await expect(notice).toContainText('By somebody else.')
  await expect(picture.field('Title')).toHaveValue('Mine')
  await expect(picture.field('Description')).toHaveValue('By somebody else.')
  expect((await api.get<Detail>(`/picture/${id}/`)).title).toBe('Theirs')
  await picture.save()
  await expect(picture.heading).toHaveText('Mine')
  expect(await api.get<Detail>(`/picture/${id}/`)).toMatchObject({ title: 'Mine', description: 'By somebody else.', nature: 'scan' })
})

test('what was changed in the form and not saved is not lost by a wrong click', async ({ page, studio }) => {
  const picture = new PicturePage(page)
  await picture.open(studio.picture.id)
  await picture.edit()
  await picture.field('Title').fill('Not saved yet')
  const asked = page.waitForEvent('dialog').then(async (dialog) => {
    await dialog.dismiss()
    return dialog.message()
  })
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Galleries' }).click()
  expect(await asked).toContain('not saved')
  await expect(picture.field('Title')).toHaveValue('Not saved yet')
  await page.getByRole('link', { name: 'Cancel' }).click()
  await expect(picture.field('Title')).toHaveCount(0)
})

test('a picture goes into a gallery from its own page', async ({ page, studio }) => {
  const picture = new PicturePage(page)
  await picture.open(studio.picture.id)
  const section = picture.section('Part of')
  await expect(section).toContainText('In no gallery yet.')
  await section.getByRole('button', { name: 'Add to a gallery' }).click()
  const title = newName('From its page ')
  await new AddToGallery(page).toNew(title)
  await expect(page.getByText(`1 picture is in “${title}” now.`)).toBeVisible()
  await section.getByRole('link', { name: title }).click()
  await expect(picture.heading).toHaveText(title)
})

test('stars are given, changed and taken back', async ({ page, api, studio }) => {
  const picture = new PicturePage(page)
  await picture.open(studio.picture.id)
  const rating = picture.section('Rating')
  await expect(rating).toContainText('Not rated yet')
  await picture.rate(4)
  await expect(rating).toContainText('4.0 from 1 rating')
  // Whoever came by keyboard goes on from here.
  await expect(picture.star(4)).toBeFocused()
  await picture.rate(2)
  await expect(rating).toContainText('2.0 from 1 rating')
  await page.reload()
  await hydrated(page)
  await expect(picture.star(2)).toHaveAttribute('aria-pressed', 'true')
  await page.getByRole('button', { name: 'Remove my rating' }).click()
  await expect(rating).toContainText('Not rated yet')
  await expect(picture.star(1)).toBeFocused()
  expect((await api.get<Detail>(`/picture/${studio.picture.id}/`)).rating_average).toBeNull()
})

test('a region stands out when it is pointed at or has the focus', async ({ page, api, studio }) => {
  const { id } = await api.upload(drawing('regions.png'), { annotations: [box(studio.object, 0.1), box(studio.object, 0.6)] })
  const picture = new PicturePage(page)
  await picture.open(id)
  const lit = page.locator('.region-shape-lit')
  await expect(picture.regions).toHaveCount(2)
  await picture.regions.nth(0).hover()
  await expect(lit).toHaveCount(1)
  await picture.heading.hover()
  await expect(lit).toHaveCount(0)
  await picture.regions.nth(1).getByRole('link').focus()
  await expect(lit).toHaveCount(1)
})

test('an old state of the regions comes back', async ({ page, api, studio }) => {
  const id = studio.picture.id
  const regions = [box(studio.object, 0.1), box(studio.object, 0.4)]
  await api.post(`/picture/${id}/annotations`, regions)
  await api.post(`/picture/${id}/annotations`, [])
  const picture = new PicturePage(page)
  await picture.open(id)
  await expect(picture.section('No regions')).toBeVisible()
  await expect(await picture.state(1)).toContainText('2 added')
  const entry = await picture.state(2)
  await expect(entry).toContainText('2 removed')
  await expect(entry).toContainText(keeper.name)
  await expect(entry.getByRole('button')).toHaveCount(0)

  await page.getByRole('link', { name: 'Revision 1', exact: true }).click()
  await expect(page).toHaveURL(/\?revision=1$/)
  await expect(page.getByText('As they were in revision 1.')).toBeVisible()
  await expect(picture.regions).toHaveCount(2)
  await page.getByRole('link', { name: 'Show them as they are now' }).click()
  await expect(picture.section('No regions')).toBeVisible()
  await page.goBack()
  await expect(picture.regions).toHaveCount(2)

  await picture.state(1)
  await page.getByRole('button', { name: 'Revert to revision 1' }).click()
  await expect(page).toHaveURL(new RegExp(`/picture/${id}$`))
  await expect(picture.regions).toHaveCount(2)
  await expect(await picture.state(3)).toContainText('now')
  expect(await api.annotations(id)).toHaveLength(2)
})

test('every state of a long sitting can be reached', async ({ page, api, studio }) => {
  const id = studio.picture.id
  for (let state = 1; state <= 25; state += 1) await api.post(`/picture/${id}/annotations`, [box(studio.object, state / 50)])
  const picture = new PicturePage(page)
  await picture.open(id)
  await page.getByText('25 saved states').click()
  await page.getByText('Revisions 1–25').click()
  await expect(page.getByRole('link', { name: 'Revision 6', exact: true })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Revision 5', exact: true })).toHaveCount(0)
  await page.getByRole('link', { name: '5 earlier states' }).click()
  await expect(page).toHaveURL(/\?history=5#history$/)
  await page.getByRole('link', { name: 'Revision 5', exact: true }).click()
  await expect(page.getByText('As they were in revision 5.')).toBeVisible()
  // Whoever looks at one of them goes on among them.
  await expect(page.getByRole('link', { name: 'Revision 4', exact: true })).toBeVisible()
  await page.getByRole('link', { name: 'To the newest states' }).click()
  await expect(page.getByText('Revisions 1–25')).toBeVisible()
})

test('the attribution is copied as text, HTML and Markdown', async ({ page, context, api }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await api.signIn(keeper)
  const { id } = await api.upload(drawing('line.png'), { title: 'Cat <1> & *dog*', origin_url: 'https://example.org/cat', licence: ['CC-BY-4.0'] })
  const picture = new PicturePage(page)
  await picture.open(id)
  const section = picture.section('Attribution')
  const copied = async (name: string): Promise<void> => {
    const button = section.getByRole('button', { name: `Copy as ${name}` })
    if (name !== 'text') await section.getByText(name, { exact: true }).click()
    await button.click()
    await expect(page.getByText('The attribution is on the clipboard.').last()).toBeVisible()
  }
  // What was copied before stands on the clipboard until the browser has written the new text.
  const clipboard = expect.poll(() => page.evaluate(() => navigator.clipboard.readText()))
  await copied('text')
  await clipboard.toMatch(/^“Cat <1> & \*dog\*” by keeper \(https:\/\/example\.org\/cat\), CC BY 4\.0 \(https:/)
  await copied('HTML')
  await clipboard.toContain('<a href="https://example.org/cat">“Cat &lt;1&gt; &amp; *dog*” by keeper</a>')
  await copied('Markdown')
  await clipboard.toContain('[“Cat \\<1\\> \\& \\*dog\\*” by keeper](https://example.org/cat)')
})

test('a better file takes the place of a picture, with its regions if they fit', async ({ page, api, studio }) => {
  const { id } = await api.upload(drawing('old.png'), { title: 'The old one', annotations: [box(studio.object, 0.1)] })
  const picture = new PicturePage(page)
  await picture.open(id)
  await page.getByRole('link', { name: 'Replace', exact: true }).click()
  const replace = new ReplacePage(page)
  await expect(replace.carry).toBeChecked()
  await replace.choose(drawing('tall.png', 300, 600))
  await expect(replace.carry).toBeDisabled()
  await expect(replace.carry).not.toBeChecked()
  await replace.choose(drawing('larger.png', 1280, 960))
  await expect(replace.carry).toBeChecked()
  const newer = await picture.follow(replace.send, id)
  await expect(picture.heading).toHaveText('The old one')
  await expect(picture.regions).toHaveCount(1)
  await page.getByRole('note').getByRole('link', { name: `picture ${id}` }).click()
  await expect(page.getByRole('note').filter({ hasText: 'This picture is obsolete' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Replace', exact: true })).toHaveCount(0)
  expect(await api.get<Detail>(`/picture/${newer}/`)).toMatchObject({ replaces: id, width: 1280, licences: ['CC0-1.0'] })
})

test('a copy is made under one’s own name, and deleted with a warning of what hangs on it', async ({ context, elsewhere, baseURL, api, studio }) => {
  const { id } = await api.upload(drawing('source.png'), { annotations: [box(studio.object, 0.1)] })
  const other: Account = { name: newName('bob'), password: newName('a-long-and-private-phrase-') }
  const otherPage = await elsewhere()
  const register = new RegisterPage(otherPage)
  await register.open()
  await register.register(other)
  await register.header.showsUser(other.name)
  const theirs = new PicturePage(otherPage)
  await theirs.open(id)
  await expect(otherPage.getByRole('link', { name: 'Edit', exact: true })).toHaveCount(0)
  await expect(otherPage.getByRole('button', { name: 'Delete', exact: true })).toHaveCount(0)
  const copy = await theirs.follow(otherPage.getByRole('button', { name: 'Copy to my pictures' }), id)
  await expect(theirs.section('Details')).toContainText(`picture ${id}`)
  await expect(theirs.section('Details')).toContainText(other.name)
  await expect(theirs.section('Attribution')).toContainText(`by ${keeper.name} (${baseURL}/picture/${id})`)
  await theirs.rate(5)

  await otherPage.getByRole('button', { name: 'Delete', exact: true }).click()
  await expect(theirs.dialog).toContainText('1 region goes with it, and so does its history.')
  await expect(theirs.dialog).toContainText('1 rating goes with it.')
  await theirs.dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(theirs.dialog).toBeHidden()
  await otherPage.getByRole('button', { name: 'Delete', exact: true }).click()
  await otherPage.keyboard.press('Escape')
  await expect(theirs.dialog).toBeHidden()
  await otherPage.getByRole('button', { name: 'Delete', exact: true }).click()
  await theirs.dialog.getByRole('button', { name: 'Delete this picture' }).click()
  await expect(otherPage).toHaveURL(new RegExp(`/user/${other.name}$`))
  expect((await context.request.get(`${baseURL}/api/picture/${copy}/`)).status()).toBe(404)
  expect((await api.get<Detail>(`/picture/${id}/`)).id).toBe(id)
})

test('what is to be downloaded is there in three sizes', async ({ page, api }) => {
  await api.signIn(keeper)
  const { id } = await api.upload(drawing('large.png', 1600, 1200))
  const picture = new PicturePage(page)
  await picture.open(id)
  const links = picture.section('Download').getByRole('listitem')
  await expect(links).toHaveText([/Original 1.600 × 1.200 PNG/, /Large 960 × 720/, /Small 320 × 240/])
  for (const href of await links.getByRole('link').evaluateAll((found) => found.map((link) => link.getAttribute('href') ?? ''))) {
    expect((await page.request.get(href)).ok(), href).toBe(true)
  }
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })
  test.beforeEach(({ watch }) => watch.allow(/ocellus\.js.*csp/, /was preloaded using link preload but not used/))

  test('a picture is edited, rated, reverted, copied and deleted', async ({ page, context, baseURL, studio }) => {
    const api = new Api(context, baseURL ?? '')
    const id = studio.picture.id
    await api.post(`/picture/${id}/annotations`, [box(studio.object, 0.1)])
    await api.post(`/picture/${id}/annotations`, [])
    const picture = new PicturePage(page)
    await page.goto(`/picture/${id}`)
    await page.getByRole('link', { name: 'Edit', exact: true }).click()
    await picture.field('Title').fill('Plain title')
    // Somebody else is quicker once.
    await api.post(`/picture/${id}/update`, { title: 'Theirs' })
    await picture.save()
    await expect(page.getByRole('alert').filter({ hasText: 'Somebody else has changed this picture' })).toBeVisible()
    await expect(picture.field('Title')).toHaveValue('Theirs')
    await picture.field('Title').fill('Plain title')
    await picture.save()
    await expect(picture.heading).toHaveText('Plain title')

    await picture.star(3).click()
    await expect(picture.section('Rating')).toContainText('3.0 from 1 rating')
    await page.getByRole('button', { name: 'Remove my rating' }).click()
    await expect(picture.section('Rating')).toContainText('Not rated yet')

    await picture.state(1)
    await page.getByRole('button', { name: 'Revert to revision 1' }).click()
    await expect(picture.regions).toHaveCount(1)

    await page.getByRole('button', { name: 'Copy to my pictures' }).click()
    await expect(picture.section('Details')).toContainText(`picture ${id}`)
    await page.getByRole('link', { name: 'Delete', exact: true }).click()
    await expect(page.getByRole('main')).toContainText('1 region goes with it, and so does its history.')
    await page.getByRole('button', { name: 'Delete this picture' }).click()
    await expect(page).toHaveURL(`${baseURL}/user/${keeper.name}`)
  })
})

test('the page for strangers offers to sign in, and nothing that is not theirs', async ({ page, api, studio, context }) => {
  await context.clearCookies()
  void api
  await open(page, `/picture/${studio.picture.id}`)
  await expect(page.getByRole('link', { name: 'Sign in to annotate' })).toBeVisible()
  for (const name of ['Edit', 'Replace']) await expect(page.getByRole('link', { name, exact: true })).toHaveCount(0)
  await expect(page.getByRole('button', { name: 'Delete', exact: true })).toHaveCount(0)
  await open(page, `/picture/${studio.picture.id}?form=edit`)
  await expect(page.getByRole('button', { name: 'Save', exact: true })).toHaveCount(0)
  await open(page, `/picture/${studio.picture.id}/replace`)
  await expect(page.getByRole('main').getByRole('link', { name: 'Sign in' })).toBeVisible()
})
