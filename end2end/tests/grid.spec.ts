import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { AddToGallery, Grid } from '../pages/grid'
import { QueryPage } from '../pages/query'
import { type Api, type Picture, expect, hydrated, keeper, newName, open, test } from '../support/fixtures'
import { drawing } from '../support/pictures'

interface Set {
  pictures: Picture[]
  titles: string[]
  query: string
  /** What all of them show. */
  object: string
}

/** Pictures of the keeper's that one query finds, in the order in which the grid shows them. */
async function some(api: Api, number: number): Promise<Set> {
  await api.signIn(keeper)
  const mark = newName('grid-')
  const object = newName('Shown ')
  await api.newObject(object)
  const annotations = [{ type: 'bbox', shape: { x: 0.25, y: 0.25, w: 0.5, h: 0.5 }, object }]
  const pictures: Picture[] = []
  for (let index = 0; index < number; index += 1) {
    pictures.unshift(await api.upload(drawing(`${mark}.png`, 320, 240), { title: `${mark} ${String.fromCharCode(97 + index)}`, annotations }))
  }
  return { pictures, object, titles: pictures.map((picture) => picture.title), query: `want:\n  - title: "${mark}%"\n` }
}

async function show(page: Page, set: Set): Promise<Grid> {
  const query = new QueryPage(page)
  await query.open(set.query)
  await query.finds(set.titles)
  return new Grid(page)
}

test('pictures are selected by box, range, keys and rubber band', async ({ page, api }) => {
  const set = await some(api, 5)
  const [a = '', b = '', c = '', d = '', e = ''] = set.titles
  const grid = await show(page, set)
  await grid.check(a).check()
  await grid.selects([a])
  await grid.check(c).click({ modifiers: ['Shift'] })
  await grid.selects([a, b, c])
  await grid.check(b).uncheck()
  await grid.selects([a, c])
  await page.keyboard.press('Escape')
  await grid.selects([])

  await grid.link(b).focus()
  await page.keyboard.press('Space')
  await grid.selects([b])
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await expect(grid.link(d)).toBeFocused()
  await page.keyboard.press('Shift+Space')
  await grid.selects([b, c, d])
  await page.keyboard.press('End')
  await expect(grid.link(e)).toBeFocused()
  await page.keyboard.press('Control+a')
  await grid.selects(set.titles)
  await page.getByRole('button', { name: 'Clear selection' }).click()
  await grid.selects([])
  // The bar has gone with the button; the keyboard is back on the card where it was.
  await expect(grid.link(e)).toBeFocused()

  await page.evaluate(() => window.scrollTo(0, 0))
  const [from, to] = [await grid.card(a).boundingBox(), await grid.card(b).boundingBox()]
  if (!from || !to) throw new Error('the cards are not shown')
  await page.mouse.move(from.x + 20, from.y + 60)
  await page.mouse.down()
  await page.mouse.move(from.x + 60, from.y + 80)
  await page.mouse.move(to.x + 20, to.y + 90, { steps: 4 })
  await page.mouse.up()
  await grid.selects([a, b])
  await expect(page).toHaveURL(/\/query/)

  // A band may also begin beside the pictures.
  await page.mouse.move(from.x - 8, from.y + 60)
  await page.mouse.down()
  await page.mouse.move(from.x + 20, from.y + 80, { steps: 4 })
  await page.mouse.up()
  await grid.selects([a])

  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map((violation) => violation.id)).toEqual([])
})

test('only one card can be reached with Tab, and Enter opens it', async ({ page, api }) => {
  const set = await some(api, 3)
  const grid = await show(page, set)
  await grid.link(set.titles[0] ?? '').focus()
  // The keys that lead to the others are told.
  await expect(page.getByText('Arrow keys move between pictures')).toBeVisible()
  await expect(page.getByRole('list', { name: 'Results' })).toHaveAccessibleDescription(/^Arrow keys/)
  // The tools come when they are needed for the first time.
  await expect(page.locator('.picture-card .picture-title[tabindex="0"]')).toHaveCount(1)
  await page.keyboard.press('ArrowRight')
  await expect(grid.link(set.titles[1] ?? '')).toBeFocused()
  await expect(page.locator('.picture-card .picture-title[tabindex="0"]')).toHaveCount(1)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(`/picture/${set.pictures[1]?.id}$`))
})

test('the selection goes into a gallery, and so do all results of a query', async ({ page, api }) => {
  const set = await some(api, 3)
  const grid = await show(page, set)
  const dialog = new AddToGallery(page)
  const title = newName('Picked ')
  await grid.check(set.titles[2] ?? '').check()
  await grid.bar.getByRole('button', { name: 'Add to gallery' }).click()
  await dialog.toNew(title)
  await expect(page.getByText(`1 picture is in “${title}” now.`)).toBeVisible()
  await grid.selects([])
  // On a page on which nothing has been touched yet.
  await page.reload()
  await hydrated(page)
  await page.getByRole('button', { name: 'Add all to a gallery' }).click()
  await dialog.to(title)
  await expect(page.getByText(`2 pictures are in “${title}” now.`)).toBeVisible()
  const galleries = await api.get<{ id: number; title: string; pictures: number }[]>('/gallery/')
  const gallery = galleries.find((gallery) => gallery.title === title)
  expect(gallery?.pictures).toBe(3)
  const inside = await api.get<Picture[]>(`/gallery/${gallery?.id}/pictures`)
  expect(inside.map((picture) => picture.title)).toEqual([set.titles[2], set.titles[0], set.titles[1]])
})

test('what is one’s own is changed and deleted together', async ({ page, api }) => {
  const set = await some(api, 3)
  const [a = '', b = '', c = ''] = set.titles
  const grid = await show(page, set)
  await grid.check(a).check()
  await grid.check(b).check()
  await grid.bar.getByRole('button', { name: 'Set licences' }).click()
  const licences = page.getByRole('dialog', { name: 'Set licences' })
  // Nothing is chosen yet, which must not take the licences away.
  await expect(licences.getByRole('button', { name: 'Set licences' })).toBeDisabled()
  await licences.getByLabel('Filter licences').fill('CC-BY-4.0')
  await licences.getByRole('checkbox', { name: /^CC BY 4\.0/ }).check()
  await licences.getByRole('button', { name: 'Set licences' }).click()
  await expect(page.getByText('2 pictures changed.')).toBeVisible()
  await expect(grid.card(a)).toContainText('CC BY 4.0')
  await expect(grid.card(c)).not.toContainText('CC BY 4.0')
  await expect(grid.link(b)).toBeFocused()

  await grid.check(a).check()
  await grid.check(c).check()
  await grid.bar.getByRole('button', { name: 'Delete' }).click()
  const question = page.getByRole('dialog', { name: 'Delete 2 pictures?' })
  await question.getByRole('button', { name: 'Cancel' }).click()
  await grid.selects([a, c])
  await grid.bar.getByRole('button', { name: 'Delete' }).click()
  await question.getByRole('button', { name: 'Delete', exact: true }).click()
  await expect(page.getByText('2 pictures deleted.')).toBeVisible()
  await new QueryPage(page).finds([b])
  await expect(grid.link(b)).toBeFocused()
})

test('what is selected on one page of a list is not selected on the next', async ({ page, api }) => {
  const set = await some(api, 4)
  const [a = '', b = '', c = '', d = ''] = set.titles
  const grid = new Grid(page)
  await open(page, `/object/${encodeURIComponent(set.object)}?limit=2`)
  await grid.check(a).check()
  await grid.selects([a])
  await page.getByRole('link', { name: 'Next page' }).click()
  await expect(grid.link(c)).toBeVisible()
  await expect(grid.link(a)).toHaveCount(0)
  await expect(grid.check(c)).not.toBeChecked()
  await grid.check(d).check()
  await grid.selects([d])
  await page.getByRole('link', { name: 'Previous page' }).click()
  await expect(grid.link(a)).toBeVisible()
  await grid.check(a).check()
  await grid.selects([a])
  await expect(grid.check(b)).not.toBeChecked()
})

test('looking at a card draws its regions', async ({ page, api }) => {
  const set = await some(api, 2)
  const grid = await show(page, set)
  await grid.card(set.titles[1] ?? '').hover()
  const preview = page.locator(`[data-preview="${set.pictures[1]?.id}"]`)
  await expect(preview.locator('rect')).toHaveCount(2)
  const [drawn, frame] = [await preview.boundingBox(), await grid.card(set.titles[1] ?? '').locator('.picture-frame').boundingBox()]
  expect(Math.abs((drawn?.x ?? 0) - (frame?.x ?? 9))).toBeLessThan(1)
  expect(Math.abs((drawn?.width ?? 0) - (frame?.width ?? 9))).toBeLessThan(1)
  await page.mouse.move(5, 5)
  await expect(preview).toHaveCount(0)
})

test('the size of the pictures is chosen and remembered', async ({ page, api }) => {
  const set = await some(api, 2)
  const grid = await show(page, set)
  const height = async (): Promise<number> => (await grid.cards.first().locator('.picture-frame').boundingBox())?.height ?? 0
  const usual = await height()
  await page.getByRole('button', { name: 'Small', exact: true }).click()
  expect(await height()).toBeLessThan(usual)
  await page.reload()
  await expect(page.getByRole('button', { name: 'Small', exact: true })).toHaveAttribute('aria-pressed', 'true')
  expect(await height()).toBeLessThan(usual)
  await page.getByRole('button', { name: 'Large', exact: true }).click()
  expect(await height()).toBeGreaterThan(usual)
})

test('the way back leads to the same place', async ({ page, api }) => {
  const set = await some(api, 14)
  await page.setViewportSize({ width: 700, height: 420 })
  const grid = await show(page, set)
  const title = set.titles[11] ?? ''
  await grid.link(title).scrollIntoViewIfNeeded()
  const scroll = (): Promise<number> => page.evaluate(() => Math.round(window.scrollY))
  await grid.link(title).click()
  await expect(page).toHaveURL(new RegExp(`/picture/${set.pictures[11]?.id}$`))
  await expect(page.getByRole('heading', { name: title })).toBeVisible()
  await page.goBack()
  await expect(grid.link(title)).toBeFocused()
  expect(await scroll()).toBeGreaterThan(100)
  await expect(grid.link(title)).toBeInViewport()
  // Another way to the same list begins at its top.
  await open(page, '/query')
  await new QueryPage(page).open(set.query)
  expect(await scroll()).toBe(0)
})
