import AxeBuilder from '@axe-core/playwright'
import { Grid } from '../pages/grid'
import { QueryPage } from '../pages/query'
import { StatisticsPage } from '../pages/statistics'
import { type Api, expect, keeper, newName, open, test } from '../support/fixtures'
import { drawing } from '../support/pictures'

const objects = 'Objects by the number of pictures with exactly this label'

interface Set {
  mark: string
  query: string
  cat: string
  dog: string
}

/** Three pictures that one query finds: two show a cat, one of them a dog as well; the third, which is small, nothing. */
async function some(api: Api): Promise<Set> {
  await api.signIn(keeper)
  const mark = newName('plot-')
  const [cat, dog] = [newName('Cat <b>&'), newName('Dog ')]
  for (const object of [cat, dog]) await api.newObject(object)
  const box = (x: number, object: string): unknown => ({ type: 'bbox', shape: { x, y: 0.25, w: 0.25, h: 0.5 }, object })
  const corners = [{ x: 0.6, y: 0.2 }, { x: 0.9, y: 0.3 }, { x: 0.7, y: 0.8 }]
  const large = [box(0.1, cat), box(0.3, cat), { type: 'polygon', shape: corners, object: dog }]
  await api.upload(drawing(`${mark}.png`, 640, 480), { title: `${mark} a`, annotations: large })
  await api.upload(drawing(`${mark}.png`, 640, 480), { title: `${mark} b`, annotations: [box(0.2, cat)] })
  await api.upload(drawing(`${mark}.png`, 160, 120), { title: `${mark} c`, licence: ['CC-BY-4.0'] })
  return { mark, cat, dog, query: `# mine\nwant:\n  - title: "${mark}%"\n` }
}

test('what a query finds is plotted, and the numbers lead to narrower queries', async ({ page, api }) => {
  const { query, cat, dog } = await some(api)
  const statistics = new StatisticsPage(page)
  await statistics.open(query)
  await expect(statistics.plots).toHaveCount(6)
  await expect(statistics.image('Pictures by licence')).toBeVisible()
  await expect(statistics.image('Pictures by licence')).toHaveAccessibleDescription('CC0-1.0: 2 pictures; CC-BY-4.0: 1 picture.')
  await expect(statistics.image('Width and height in pixels')).toBeVisible()
  await statistics.has(await statistics.numbers('Regions per picture'), ['01', '11', '2–51'])
  const shown = await statistics.numbers(objects)
  await statistics.has(shown, [`${cat}23`, `${dog}11`])

  await shown.getByRole('link', { name: dog }).click()
  const text = page.getByRole('textbox', { name: 'Query', exact: true })
  await expect(text).toHaveValue(`${query}  - has_object: ${dog}\n`)
  await expect(page).toHaveURL(/view=statistics/)
  await expect(statistics.image(objects)).toHaveAccessibleDescription(`${cat}: 1 picture; ${dog}: 1 picture.`)
  // The table stays open, and what is wanted already is no link any more.
  const narrower = await statistics.numbers(objects)
  await expect(narrower.getByRole('link', { name: cat })).toBeVisible()
  await expect(narrower.getByRole('link', { name: dog })).toHaveCount(0)

  // A bar leads there as well; the keyboard passes by it on its way to the table.
  await page.goBack()
  const bar = statistics.image(objects).getByRole('link', { name: new RegExp(`^${dog}: 1 picture`) })
  await expect(bar).toHaveAttribute('tabindex', '-1')
  const document = await page.evaluateHandle(() => window.document)
  await bar.click()
  await expect(text).toHaveValue(`${query}  - has_object: ${dog}\n`)
  expect(await document.evaluate((before) => before === window.document)).toBe(true)
  await expect(statistics.image(objects)).toHaveAccessibleDescription(`${cat}: 1 picture; ${dog}: 1 picture.`)

  await text.fill('want: [')
  await expect(page.getByText('The plots appear here as soon as the query can be read.')).toBeVisible()
  await text.fill('want:\n  - title: "nowhere"\n')
  await expect(page.getByText('There is nothing to count: no picture fits.')).toBeVisible()
  await text.fill(query)
  await expect(statistics.plots).toHaveCount(6)
  await statistics.pictures.click()
  await expect(statistics.plots).toHaveCount(0)
})

test('the pictures that were there stay until the plots have made way for new ones', async ({ page, api }) => {
  const { mark, query } = await some(api)
  const found = new QueryPage(page)
  await found.open(query)
  await found.finds([`${mark} a`, `${mark} b`, `${mark} c`])
  const statistics = new StatisticsPage(page)
  await statistics.statistics.click()
  await expect(statistics.plots).toHaveCount(6)
  await expect(page.getByRole('status', { name: 'Results' })).toHaveText('3 pictures')
  let answer = (): void => {}
  const asked = new Promise<void>((resolve) => (answer = resolve))
  await page.route('**/fn/query_grid*', async (route) => {
    await asked
    await route.continue()
  })
  await statistics.pictures.click()
  await expect(statistics.plots).toHaveCount(0)
  await expect(page.locator('.query-list.pending .picture-card')).toHaveCount(3)
  answer()
  await expect(page.locator('.query-list:not(.pending) .picture-card')).toHaveCount(3)
})

test('plots that do not come are missed, not the page', async ({ page, api, watch }) => {
  watch.allow(/split_statistics|404|HTTP status code is not ok/)
  const { query } = await some(api)
  await new QueryPage(page).open(query)
  await page.route('**/split_statistics.wasm', (route) => route.fulfill({ status: 404 }))
  await new StatisticsPage(page).statistics.click()
  await expect(page.getByText('The plots could not be loaded. Reload the page.')).toBeVisible()
})

test('a plot can be saved as a file', async ({ page, api }) => {
  const { query } = await some(api)
  await new StatisticsPage(page).open(query)
  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: /^SVG ?: Pictures by licence$/ }).click()
  const file = await download
  expect(file.suggestedFilename()).toBe('licence.svg')
})

for (const scheme of ['light', 'dark'] as const) {
  test.describe(`in ${scheme} colours`, () => {
    test.use({ colorScheme: scheme })

    test('plots and outlines are for everybody', async ({ page, api }) => {
      const { query, cat } = await some(api)
      const statistics = new StatisticsPage(page)
      await statistics.open(query)
      await statistics.numbers(objects)
      for (const width of [1280, 360]) {
        await page.setViewportSize({ width, height: 800 })
        const { violations } = await new AxeBuilder({ page }).analyze()
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`)).toEqual([])
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
        expect(overflow).toBe(0)
        // Letters of plots are as large as others.
        const size = await page.locator('.plot text').first().evaluate((text) => text.getBoundingClientRect().height)
        expect(size).toBeGreaterThan(11)
        expect(size).toBeLessThan(28)
      }
      await open(page, `/query?query=${encodeURIComponent(`want:\n  - has: ${JSON.stringify(cat)}\n`)}`)
      await expect(page.locator('.card-outlines').first()).toBeVisible()
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id }) => id)).toEqual([])
    })
  })
}

test('what a query asks for is outlined on the pictures, unless somebody does not want it', async ({ page, api }) => {
  const { mark, cat, dog } = await some(api)
  const query = new QueryPage(page)
  await query.open(`want:\n  - has: ${JSON.stringify(cat)}\n`)
  await query.finds([`${mark} a`, `${mark} b`])
  const grid = new Grid(page)
  const outlines = grid.card(`${mark} a`).locator('.card-outlines')
  await expect(outlines).toBeVisible()
  // Both cats in one path and its halo, but not the dog.
  await expect(outlines.locator('path')).toHaveCount(2)
  const path = await outlines.locator('path').last().getAttribute('d')
  expect(path).toBe('M64.0 120.0H224.0V360.0H64.0ZM192.0 120.0H352.0V360.0H192.0Z')
  // They lie where the image shows what they outline.
  const frame = await grid.card(`${mark} a`).locator('img').boundingBox()
  const drawn = await outlines.locator('path').last().boundingBox()
  if (!frame || !drawn) throw new Error('the card is not shown')
  expect(Math.abs(drawn.x - (frame.x + frame.width * 0.1))).toBeLessThan(3)
  expect(Math.abs(drawn.width - frame.width * 0.45)).toBeLessThan(6)

  await query.write(`want:\n  - has: ${JSON.stringify(cat)}\n  - has_object: ${JSON.stringify(dog)}\n`)
  await query.finds([`${mark} a`])
  await expect(outlines.locator('path')).toHaveCount(3)

  const toggle = page.getByRole('button', { name: 'Outlines', exact: true })
  await expect(toggle).toHaveAttribute('aria-pressed', 'true')
  await toggle.click()
  await expect(outlines).toBeHidden()
  await query.open(`want:\n  - has: ${JSON.stringify(cat)}\n`)
  await expect(toggle).toHaveAttribute('aria-pressed', 'false')
  await expect(outlines).toBeHidden()
  await toggle.click()
  await expect(outlines).toBeVisible()

  await query.write(`want:\n  - title: "${mark}%"\n`)
  await query.finds([`${mark} a`, `${mark} b`, `${mark} c`])
  await expect(outlines).toHaveCount(0)
  await expect(toggle).toHaveCount(0)
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })
  test.beforeEach(({ watch }) => watch.allow(/ocellus\.js.*csp/))

  test('plots, numbers and outlines are there', async ({ page, api }) => {
    const { query, cat } = await some(api)
    await page.goto(`/query?query=${encodeURIComponent(query)}&view=statistics`)
    const statistics = new StatisticsPage(page)
    await expect(statistics.image(objects)).toBeVisible()
    await expect(page.getByText('3 pictures', { exact: true })).toBeVisible()
    await expect(page.getByText('Counting')).toHaveCount(0)
    await statistics.image('Pictures by licence').getByRole('link', { name: /^CC-BY-4.0/ }).click()
    await expect(page.getByRole('textbox', { name: 'Query', exact: true })).toHaveValue(/licence: CC-BY-4.0/)
    await page.goBack()
    await (await statistics.numbers(objects)).getByRole('link', { name: cat }).click()
    await expect(page.getByRole('textbox', { name: 'Query', exact: true })).toHaveValue(/has_object/)
    await statistics.pictures.click()
    await expect(page.locator('.card-outlines')).toHaveCount(2)
  })
})
