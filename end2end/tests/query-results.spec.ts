import type { Locator, Page } from '@playwright/test'
import { QueryBuilder } from '../pages/query-builder'
import { violations } from '../support/axe'
import { type Api, expect, keeper, newName, test } from '../support/fixtures'
import { drawing } from '../support/pictures'

/** Pictures whose titles begin alike; every other one shows the object, and the first is larger. */
async function pictures(api: Api, count: number): Promise<{ titles: string[]; query: string; object: string }> {
  await api.signIn(keeper)
  const mark = newName('found-')
  const object = newName('Heron ')
  await api.newObject(object)
  const region = { type: 'bbox', shape: { x: 0.25, y: 0.25, w: 0.5, h: 0.5 }, object }
  const titles = Array.from({ length: count }, (_, index) => `${mark} ${String(index).padStart(2, '0')}`)
  for (let from = 0; from < count; from += 6) {
    await Promise.all(
      titles.slice(from, from + 6).map((title, index) => {
        const at = from + index
        const annotations = at % 2 === 0 ? [region] : []
        return api.upload(drawing(`${title}.png`, at === 0 ? 1300 : 64, at === 0 ? 800 : 48), { title, annotations })
      }),
    )
  }
  return { titles, query: `want:\n  - title: "${mark}%"\n`, object }
}

function facet(page: Page, name: string): Locator {
  return page.getByRole('group', { name: 'Narrow down' }).locator('details').filter({ has: page.locator('summary', { hasText: name }) })
}

function value(menu: Locator, name: string): Locator {
  return menu.getByRole('button', { name: new RegExp(`^${name}\\s*\\d+$`) })
}

test('a long list says how many there are, and has a last page', async ({ page, api, elsewhere, watch }) => {
  // A browser without JavaScript does not preload it either, and says so.
  watch.allow(/ocellus\.js.*csp/)
  const { query } = await pictures(api, 61)
  const site = new QueryBuilder(page)
  await site.open(query)
  await expect(site.results).toHaveCount(60)
  await expect(site.count).toHaveText('1–60 of 61 pictures')
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Page 2' }).click()
  await expect(site.results).toHaveCount(1)
  await expect(site.count).toHaveText('61–61 of 61 pictures')

  // Without scripts nothing is counted afterwards, but every page can be reached.
  const plain = await elsewhere({ javaScriptEnabled: false })
  await plain.goto(`/query?query=${encodeURIComponent(query)}`)
  await expect(plain.getByRole('status', { name: 'Results' })).toHaveText('Pictures 1–60')
  await plain.getByRole('link', { name: 'Next page' }).click()
  await expect(plain.getByRole('list', { name: 'Results' }).getByRole('listitem')).toHaveCount(1)
  await expect(plain.getByRole('status', { name: 'Results' })).toHaveText('Pictures 61–61')
})

test('each card says how many pictures its rule removes', async ({ page, api }) => {
  const { query, object } = await pictures(api, 4)
  const site = new QueryBuilder(page)
  await site.open(`${query}  - has: ["${object}"]\nexclude:\n  - above_width: 1000\n`)
  await expect(site.results).toHaveCount(1)
  await expect(site.card('Shows')).toContainText('Removes 2 pictures')
  await expect(site.card('At least this wide')).toContainText('Removes 1 picture')
  // A rule that does not count removes nothing, and the one after it keeps its own number.
  await site.press('Disable', 'Shows')
  await expect(site.results).toHaveCount(3)
  await expect(site.card('At least this wide')).toContainText('Removes 1 picture')
  await expect(site.card('Shows')).not.toContainText('Removes')
})

test('where no picture fits, the rule that removes most can be disabled', async ({ page, api }) => {
  const { titles, query, object } = await pictures(api, 4)
  const site = new QueryBuilder(page)
  const narrow = `${query}  - has: ["${object}"]\n  - above_width: 5000\n`
  await site.open(narrow)
  await expect(site.count).toHaveText('No picture fits')
  await expect(page.getByText('“At least this wide: 5000” removes most: without it, 2 pictures fit.')).toBeVisible()
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: 'Disable this rule' }).click()
  await site.finds([titles[0] ?? '', titles[2] ?? ''])
  await expect(site.text).toHaveValue(narrow.replace('- above_width', '# - above_width'))
  await expect(page.getByRole('region', { name: 'Found pictures' })).toBeFocused()
  await site.write(`${query}  - above_width: 5000\n  - above_height: 5000\n`)
  await expect(page.getByText('No single rule is the reason')).toBeVisible()
  await site.write(narrow)
  await expect(page.getByText('removes most')).toBeVisible()
})

test('facets count the results, and a click wants or excludes what they name', async ({ page, api }) => {
  const { titles, query, object } = await pictures(api, 5)
  const site = new QueryBuilder(page)
  await site.open(query)
  await site.finds(titles)
  const objects = facet(page, 'Object')
  await objects.locator('summary').click()
  await expect(value(objects, object)).toHaveText(new RegExp(`${object}\\s*3`))
  await value(objects, object).click()
  await expect(site.text).toHaveValue(`${query}  - has_object: ${object}\n`)
  await expect(site.results).toHaveCount(3)
  await expect(value(objects, object)).toHaveAttribute('aria-pressed', 'true')
  await expect(value(objects, object)).toBeFocused()

  // Another menu counts what is left; the first one closes.
  const sizes = facet(page, 'At least')
  await sizes.locator('summary').click()
  await expect(value(objects, object)).toBeHidden()
  const wide = sizes.locator('.facet-value', { hasText: '1280' })
  await wide.click()
  await site.finds([titles[0] ?? ''])
  await wide.click()
  await expect(site.results).toHaveCount(3)

  await objects.locator('summary').click()
  await value(objects, object).click()
  await expect(site.text).toHaveValue(query)
  await objects.getByRole('button', { name: `Exclude ${object}` }).click()
  await site.finds([titles[1] ?? '', titles[3] ?? ''])
  await expect(site.text).toHaveValue(new RegExp(`exclude:\\n  - has_object: ${object}`))
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Escape')
  await expect(objects.locator('summary')).toBeFocused()

  // What was done is said by the name that stands there.
  const licences = facet(page, 'Licence')
  await licences.locator('summary').click()
  await licences.getByRole('button', { name: 'Exclude CC0 1.0' }).click()
  await expect(page.getByText('CC0 1.0: excluded.')).toBeAttached()
})

test('a question that is out of date is taken back', async ({ page, api }) => {
  const { titles, query } = await pictures(api, 2)
  const site = new QueryBuilder(page)
  await site.open(query)
  await site.finds(titles)
  const [first = '', second = ''] = titles
  let held = 0
  await page.route('**/fn/query_grid*', async (route) => {
    if (route.request().postData()?.includes(first)) {
      held += 1
      // Nobody answers this one.
      return
    }
    await route.continue()
  })
  const aborted = page.waitForEvent('requestfailed', (request) => request.url().includes('/fn/query_grid'))
  await site.write(`want:\n  - title: "${first}"\n`)
  await expect.poll(() => held).toBe(1)
  // What was found before stays, and is seen to be old.
  const old = page.locator('.query-list.pending')
  await expect(old.locator('.picture-card')).toHaveCount(2)
  await expect.poll(() => old.evaluate((list) => Number(getComputedStyle(list).opacity))).toBeLessThan(1)
  await site.write(`want:\n  - title: "${second}"\n`)
  expect((await aborted).postData()).toContain(first)
  await site.finds([second])
})

test('a span of years is no rule that can be excluded', async ({ page, api }) => {
  const { query } = await pictures(api, 2)
  const site = new QueryBuilder(page)
  await site.open(query)
  const years = facet(page, 'Year')
  await years.locator('summary').click()
  const year = String(new Date().getUTCFullYear())
  const exclude = years.getByRole('button', { name: `${year} cannot be excluded` })
  await expect(exclude).toHaveAttribute('aria-disabled', 'true')
  await exclude.click({ force: true })
  await expect(site.text).toHaveValue(query)
  await value(years, year).click()
  await expect(site.text).toHaveValue(new RegExp(`before_date: ${Number(year) + 1}-01-01`))
  await expect(site.results).toHaveCount(2)
  const authors = facet(page, 'Author')
  await authors.locator('summary').click()
  await authors.getByRole('button', { name: `Exclude ${keeper.name}` }).click()
  await expect(site.count).toHaveText('No picture fits')
})
