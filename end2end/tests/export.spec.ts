import { execFileSync } from 'node:child_process'
import { violations } from '../support/axe'
import { type Api, expect, hydrated, keeper, newName, open, type Page, test } from '../support/fixtures'
import { drawing } from '../support/pictures'

/** A picture with a box and a line on it, and the query that finds it. */
async function drawn(api: Api): Promise<string> {
  await api.signIn(keeper)
  const title = newName('leaving-')
  const object = newName('Thing ')
  await api.newObject(object)
  const picture = await api.upload(drawing('leaving.png', 200, 100), { title })
  const box = { type: 'bbox', shape: { x: 0.25, y: 0.25, w: 0.5, h: 0.5 }, object }
  const line = { type: 'polyline', shape: [{ x: 0.1, y: 0.1 }, { x: 0.9, y: 0.9 }], object }
  await api.put(`/picture/${picture.id}/annotations`, [box, line])
  return `want:\n  - title: ${title}\n`
}

const preview = (page: Page) => page.locator('form [aria-live]')

test.describe('pictures leave with their regions', () => {
  test('in the form that was chosen, which stands in the address', async ({ page, api, watch }) => {
    // Shares that are none are refused.
    watch.allow(/400/)
    const query = await drawn(api)
    await open(page, `/query?query=${encodeURIComponent(query)}`)
    await page.getByRole('link', { name: 'Export', exact: true }).click()
    await expect(page.getByRole('heading', { name: 'Export', level: 1 })).toBeVisible()
    await expect(preview(page)).toContainText('1 picture with 2 regions')
    await expect(preview(page)).toContainText('1 polyline cannot be said')
    await expect(page.getByText('from pycocotools.coco import COCO')).toBeVisible()
    expect(await violations(page)).toEqual([])

    await page.getByLabel('Form', { exact: true }).selectOption('cvat')
    await expect(page).toHaveURL(/format=cvat/)
    await expect(preview(page)).not.toContainText('cannot be said')
    await page.getByLabel('Split').fill('80,x')
    await page.getByLabel('Split').blur()
    await expect(preview(page)).toContainText('must be up to three shares')
    await page.getByLabel('Split').fill('80,10,10')
    await page.getByLabel('Split').blur()
    await expect(preview(page)).toContainText('1 picture')
    await page.reload()
    await hydrated(page)
    await expect(page.getByLabel('Form', { exact: true })).toHaveValue('cvat')
    await expect(page.getByLabel('Split')).toHaveValue('80,10,10')

    const coming = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download' }).click()
    const download = await coming
    expect(download.suggestedFilename()).toBe('pictures-cvat.zip')
    const listed = execFileSync('python3', ['-m', 'zipfile', '-l', await download.path()], { encoding: 'utf8' })
    for (const name of ['annotations.xml', 'README.md', 'manifest-sha256.txt', 'ATTRIBUTION.md']) expect(listed).toContain(name)
  })

  test('without a script as well', async ({ elsewhere, api, watch }) => {
    // A browser without JavaScript does not preload it either, and says so.
    watch.allow(/ocellus\.js.*csp/)
    const query = await drawn(api)
    const page = await elsewhere({ javaScriptEnabled: false })
    await page.goto(`/export?query=${encodeURIComponent(query)}`)
    await page.getByLabel('Form', { exact: true }).selectOption('voc')
    await page.getByRole('button', { name: 'Show what will be in it' }).click()
    await expect(page).toHaveURL(/format=voc/)
    await expect(preview(page)).toContainText('pictures-voc.zip')
  })
})
