import { EditorPage, type Place } from '../pages/editor'
import { type Region, expect, keeper, newName, test } from '../support/fixtures'
import { drawing } from '../support/pictures'

interface Box {
  x: number
  y: number
  w: number
  h: number
}

/** Half a screen pixel at the size that the suite's pictures have on the surface. */
const close = 0.003

function box(region: Region | undefined): Box {
  expect(region?.type).toBe('bbox')
  return region?.shape as Box
}

function corners(region: Region | undefined): Place[] {
  return ((region?.shape ?? []) as { x: number; y: number }[]).map(({ x, y }) => [x, y])
}

function expectPlaces(actual: Place[], wanted: Place[]): void {
  expect(actual).toHaveLength(wanted.length)
  actual.forEach(([x, y], index) => {
    expect(Math.abs(x - (wanted[index]?.[0] ?? 9)), `x of corner ${index}`).toBeLessThan(close)
    expect(Math.abs(y - (wanted[index]?.[1] ?? 9)), `y of corner ${index}`).toBeLessThan(close)
  })
}

function expectBox(actual: Box, x: number, y: number, w: number, h: number): void {
  for (const [name, value, wanted] of [['x', actual.x, x], ['y', actual.y, y], ['w', actual.w, w], ['h', actual.h, h]] as const) {
    expect(Math.abs(value - wanted), `${name}: ${value} for ${wanted}`).toBeLessThan(close)
  }
}

test('a box is drawn, moved, resized, undone, redone and deleted', async ({ page, api, studio }) => {
  const editor = new EditorPage(page, studio.picture)
  const regions = (): Promise<Region[]> => api.annotations(studio.picture.id)
  await editor.open()

  await editor.drawBox([0.2, 0.2], [0.5, 0.6])
  await editor.pickObject(studio.object)
  await editor.saved()
  expectBox(box((await regions())[0]), 0.2, 0.2, 0.3, 0.4)
  expect((await regions())[0]?.object).toBe(studio.object)

  await editor.tool('Select')
  await editor.drag([0.35, 0.4], [0.4, 0.45], [0.45, 0.5])
  await editor.saved()
  expectBox(box((await regions())[0]), 0.3, 0.3, 0.3, 0.4)

  await editor.drag([0.6, 0.7], [0.7, 0.8])
  await editor.saved()
  expectBox(box((await regions())[0]), 0.3, 0.3, 0.4, 0.5)

  await editor.button('Undo').click()
  await editor.saved()
  expectBox(box((await regions())[0]), 0.3, 0.3, 0.3, 0.4)
  await page.keyboard.press('Control+Shift+z')
  await editor.saved()
  expectBox(box((await regions())[0]), 0.3, 0.3, 0.4, 0.5)

  await editor.click([0.5, 0.5])
  await page.keyboard.press('Delete')
  await editor.saved()
  expect(await regions()).toEqual([])
  await page.keyboard.press('Control+z')
  await editor.saved()
  expectBox(box((await regions())[0]), 0.3, 0.3, 0.4, 0.5)
})

test('corners of a polygon are dragged, inserted and deleted', async ({ page, api, studio }) => {
  const editor = new EditorPage(page, studio.picture)
  const shape = async (): Promise<Place[]> => corners((await api.annotations(studio.picture.id))[0])
  await editor.open()

  await editor.drawCorners('Polygon', [[0.2, 0.2], [0.8, 0.2], [0.5, 0.8]])
  await editor.pickObject(studio.object)
  await editor.saved()
  expectPlaces(await shape(), [[0.2, 0.2], [0.8, 0.2], [0.5, 0.8]])

  await editor.tool('Select')
  await editor.click([0.5, 0.4])
  await editor.drag([0.5, 0.8], [0.6, 0.7])
  await editor.saved()
  expectPlaces(await shape(), [[0.2, 0.2], [0.8, 0.2], [0.6, 0.7]])

  // The middle of the upper edge becomes a corner.
  await editor.drag([0.5, 0.2], [0.5, 0.1])
  await editor.saved()
  expectPlaces(await shape(), [[0.2, 0.2], [0.5, 0.1], [0.8, 0.2], [0.6, 0.7]])

  await editor.click([0.5, 0.1])
  await page.keyboard.press('Delete')
  await editor.saved()
  expectPlaces(await shape(), [[0.2, 0.2], [0.8, 0.2], [0.6, 0.7]])
})

test('lines and points are drawn, and everything is where it was after a reload', async ({ page, api, studio }) => {
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  await editor.drawCorners('Polyline', [[0.1, 0.1], [0.3, 0.4], [0.6, 0.3]])
  await editor.pickObject(studio.object)
  await editor.tool('Point')
  await editor.click([0.75, 0.75])
  await editor.saved()

  const regions = await api.annotations(studio.picture.id)
  expect(regions.map((region) => region.type)).toEqual(['polyline', 'point'])
  expectPlaces(corners(regions[0]), [[0.1, 0.1], [0.3, 0.4], [0.6, 0.3]])
  const point = regions[1]?.shape as { x: number; y: number }
  expectPlaces([[point.x, point.y]], [[0.75, 0.75]])

  await editor.open()
  await expect(editor.regions).toHaveCount(2)
  expect(await api.annotations(studio.picture.id)).toEqual(regions)
})

test('zooming keeps the place under the pointer, and shapes land where they are drawn', async ({ page, api, studio }) => {
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  const anchor: Place = [0.25, 0.25]
  const { x, y } = await editor.at(anchor)
  await page.mouse.move(x, y)
  for (let turn = 0; turn < 4; turn += 1) await page.mouse.wheel(0, -240)
  await editor.tool('Point')
  await page.mouse.click(x, y)
  await editor.pickObject(studio.object)
  await editor.saved()
  const point = (await api.annotations(studio.picture.id))[0]?.shape as { x: number; y: number }
  expectPlaces([[point.x, point.y]], [anchor])

  await editor.button('Fit').click()
  await editor.tool('Box')
  await editor.drag([0.5, 0.5], [0.75, 0.75])
  await editor.saved()
  expectBox(box((await api.annotations(studio.picture.id))[1]), 0.5, 0.5, 0.25, 0.25)
})

test('several regions are selected, moved, relabelled, copied into another picture and deleted', async ({ page, api, studio }) => {
  const other = newName('Other ')
  await api.newObject(other)
  const picture = await api.upload(drawing('second.png'))
  const boxes = [0.1, 0.4, 0.7].map((x) => ({ type: 'bbox', shape: { x, y: 0.1, w: 0.2, h: 0.2 }, object: studio.object }))
  await api.post(`/picture/${studio.picture.id}/annotations`, boxes)
  const editor = new EditorPage(page, studio.picture)
  const regions = (): Promise<Region[]> => api.annotations(studio.picture.id)
  await editor.open()

  await editor.click([0.2, 0.2])
  await editor.withShift(() => editor.click([0.5, 0.2]))
  await expect(page.getByText('2 selected', { exact: true })).toBeVisible()
  await editor.drag([0.5, 0.2], [0.5, 0.4])
  await editor.saved()
  expect((await regions()).map((region) => Math.round(box(region).y * 100))).toEqual([30, 30, 10])

  await page.keyboard.press('Escape')
  await editor.withShift(() => editor.drag([0.05, 0.25], [0.65, 0.55]))
  await expect(page.getByText('2 selected', { exact: true })).toBeVisible()
  await expect(page.getByText('of 2 selected regions')).toBeVisible()
  await editor.pickObject(other)
  await editor.saved()
  expect((await regions()).map((region) => region.object)).toEqual([other, other, studio.object])

  await editor.canvas.focus()
  await page.keyboard.press('Control+c')
  await page.keyboard.press('Delete')
  await editor.saved()
  expect(await regions()).toHaveLength(1)
  await page.keyboard.press('Control+z')
  await editor.saved()
  expect(await regions()).toHaveLength(3)

  const second = new EditorPage(page, picture)
  await second.open()
  await second.canvas.focus()
  await page.keyboard.press('Control+v')
  await expect(second.regions).toHaveCount(2)
  await second.saved()
  const pasted = await api.annotations(picture.id)
  expectBox(box(pasted[0]), 0.1, 0.3, 0.2, 0.2)
  expectBox(box(pasted[1]), 0.4, 0.3, 0.2, 0.2)
  await second.regions.nth(0).getByRole('button').first().click()
  await second.regions.nth(1).getByRole('button').first().click({ modifiers: ['ControlOrMeta'] })
  await expect(page.getByText('2 selected', { exact: true })).toBeVisible()
  await page.keyboard.press('c')
  await second.saved()
  expect((await api.annotations(picture.id)).map((region) => region.type)).toEqual(['polygon', 'polygon'])
})

test('two people annotate the same picture and neither loses anything', async ({ page, elsewhere, baseURL, api, watch, studio }) => {
  const mine = new EditorPage(page, studio.picture)
  await mine.open()
  const second = await elsewhere()
  await second.request.post('/api/login', {
    data: { username: keeper.name, password: keeper.password },
    headers: { origin: baseURL ?? '' },
  })
  const theirs = new EditorPage(second, studio.picture)
  await theirs.open()
  await theirs.drawBox([0.55, 0.55], [0.8, 0.8])
  await theirs.pickObject(studio.object)
  await theirs.saved()
  // The server answers the older revision with the newer list (412), and the editor merges the two.
  watch.allow(/412/)
  await mine.drawBox([0.1, 0.1], [0.3, 0.3])
  await mine.pickObject(studio.object)
  await mine.saved()
  await expect(mine.regions).toHaveCount(2)
  const shapes = (await api.annotations(studio.picture.id)).map(box)
  expect(shapes).toHaveLength(2)
  const left = shapes.find((shape) => shape.x < 0.4)
  const right = shapes.find((shape) => shape.x > 0.4)
  expectBox(left as Box, 0.1, 0.1, 0.2, 0.2)
  expectBox(right as Box, 0.55, 0.55, 0.25, 0.25)
})

test('what somebody else saves meanwhile is shown to whoever comes back to the page', async ({ page, api, studio }) => {
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  await api.put(`/picture/${studio.picture.id}/annotations`, [
    { type: 'bbox', shape: { x: 0.55, y: 0.55, w: 0.25, h: 0.25 }, object: studio.object },
  ])
  await page.evaluate(() => window.dispatchEvent(new Event('focus')))
  await expect(editor.regions).toHaveCount(1)
  await expect(editor.saving).toHaveText('Saved')
})

test('what is drawn without a connection is saved when it is back', async ({ page, context, api, watch, studio }) => {
  watch.allow(/ERR_INTERNET_DISCONNECTED/)
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  await context.setOffline(true)
  await editor.drawBox([0.3, 0.3], [0.6, 0.6])
  await editor.pickObject(studio.object)
  await expect(editor.saving).toContainText(/not saved|unsaved|offline/i)
  await context.setOffline(false)
  await editor.saved()
  expectBox(box((await api.annotations(studio.picture.id))[0]), 0.3, 0.3, 0.3, 0.3)
})

test('the keyboard alone draws, labels and moves a box', async ({ page, api, studio }) => {
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  await editor.canvas.focus()
  await page.keyboard.press('b')
  await page.keyboard.press('Enter')
  await editor.pickObject(studio.object)
  await editor.saved()
  const before = box((await api.annotations(studio.picture.id))[0])
  await editor.canvas.focus()
  await page.keyboard.press('Shift+ArrowRight')
  await editor.saved()
  const after = box((await api.annotations(studio.picture.id))[0])
  expect(after.x - before.x).toBeCloseTo(10 / studio.picture.width, 6)
  expect(after.w).toBeCloseTo(before.w, 9)
})

test('the keyboard alone draws a polygon, and hears how far it is', async ({ page, api, studio }) => {
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  await editor.canvas.focus()
  await page.keyboard.press('g')
  const said = page.locator('p[aria-live="polite"]')
  const corner = async (way: string, number: number): Promise<void> => {
    await page.keyboard.press(way)
    await expect(said.filter({ hasText: /^\d+, \d+ pixels$/ })).toHaveCount(1)
    await page.keyboard.press('Space')
    await expect(said.filter({ hasText: `Corner ${number}` })).toHaveCount(1)
  }
  await corner('Shift+ArrowLeft', 1)
  await corner('Shift+ArrowDown', 2)
  await page.keyboard.press('Control+z')
  await expect(said.filter({ hasText: 'Taken back, 1 left' })).toHaveCount(1)
  await page.keyboard.press('Control+Shift+z')
  await corner('Shift+ArrowRight', 3)
  await page.keyboard.press('Enter')
  await expect(editor.object).toBeFocused()
  await editor.pickObject(studio.object)
  await editor.saved()
  const [a, b, c] = corners((await api.annotations(studio.picture.id))[0])
  expect(a?.[0]).toBeCloseTo(b?.[0] ?? 9, 6)
  expect(b?.[1]).toBeCloseTo(c?.[1] ?? 9, 6)
  expect(b?.[1]).toBeGreaterThan(a?.[1] ?? 9)
  expect(c?.[0]).toBeGreaterThan(b?.[0] ?? 9)
})

test('what was just drawn gets another object by picking one', async ({ page, api, studio }) => {
  const other = newName('Other ')
  await api.newObject(other)
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  await editor.drawBox([0.2, 0.2], [0.4, 0.4])
  await editor.pickObject(studio.object)
  await editor.drag([0.6, 0.6], [0.8, 0.8])
  for (const key of ['o', ...other]) await page.keyboard.press(key)
  await expect(editor.selectedOption).toContainText(other)
  await page.keyboard.press('Enter')
  await editor.saved()
  expect((await api.annotations(studio.picture.id)).map((region) => region.object)).toEqual([studio.object, other])
})

test('a name with a typing mistake finds the object, and Enter makes no other one of it', async ({ page, api, studio }) => {
  const made: string[] = []
  page.on('request', (request) => {
    if (request.url().includes('create_object')) made.push(request.url())
  })
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  await editor.drawBox([0.2, 0.2], [0.5, 0.6])
  const mistake = studio.object.replace('thing', 'thnig')
  expect(mistake).not.toBe(studio.object)
  await editor.object.fill(mistake)
  await expect(editor.options).toHaveText([new RegExp(studio.object), `Create “${mistake}”`])
  await expect(editor.selectedOption).toHaveCount(0)

  await expect(editor.undecided).toBeHidden()
  await page.keyboard.press('Enter')
  await expect(editor.undecided).toHaveText(/similar names/)
  await expect.poll(() => page.locator('p[aria-live="polite"]').allTextContents()).toContain(await editor.undecided.innerText())
  await expect(editor.object).toBeFocused()
  await expect(editor.object).toHaveValue(mistake)

  await page.keyboard.press('ArrowUp')
  await expect(editor.selectedOption).toHaveText(`Create “${mistake}”`)
  await expect(editor.undecided).toBeHidden()
  // What there is not yet is made by a second Enter only.
  await page.keyboard.press('Enter')
  await expect(editor.selectedOption).toContainText('press Enter once more')
  await page.keyboard.press('ArrowDown')
  await expect(editor.selectedOption).toHaveText(new RegExp(studio.object))
  await page.keyboard.press('Enter')
  await expect(editor.object).toHaveValue(studio.object)
  await editor.saved()
  expect((await api.annotations(studio.picture.id)).map((region) => region.object)).toEqual([studio.object])
  expect(made).toEqual([])
})

test.describe('on a phone', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 360, height: 740 } })

  test('every tool is within reach, in two rows', async ({ page, studio }) => {
    const editor = new EditorPage(page, studio.picture)
    await editor.open()
    const toolbar = page.getByRole('toolbar', { name: 'Tools' })
    for (const group of ['Drawing', 'Changes', 'View', 'Help']) await expect(toolbar.getByRole('group', { name: group })).toHaveCount(1)
    const tools = await toolbar.getByRole('button').all()
    expect(tools.length).toBeGreaterThanOrEqual(14)
    const rows = new Set<number>()
    for (const tool of tools) {
      const place = await tool.boundingBox()
      expect(place?.x).toBeGreaterThanOrEqual(0)
      expect((place?.x ?? 0) + (place?.width ?? 0)).toBeLessThanOrEqual(360)
      expect(Math.min(place?.width ?? 0, place?.height ?? 0)).toBeGreaterThanOrEqual(44)
      rows.add(place?.y ?? 0)
    }
    expect(rows.size).toBe(2)
    expect(await toolbar.evaluate((bar) => bar.scrollHeight - bar.clientHeight)).toBeLessThanOrEqual(0)
    // Fingers zoom on the picture. Who cannot spread two of them finds it among all commands.
    await expect(editor.button('Zoom in')).toHaveCount(0)
    await editor.button('All commands').tap()
    await page.getByRole('dialog').getByRole('combobox').fill('zoom in')
    const zoom = page.locator('.editor-zoom')
    const before = await zoom.textContent()
    await page.getByRole('dialog').getByRole('option', { name: 'Zoom in' }).tap()
    await expect(zoom).not.toHaveText(before ?? '')
  })
})

test.describe('on a phone held sideways', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 844, height: 390 } })

  test('most of the height is for the picture, and no tool is out of sight', async ({ page, studio }) => {
    const editor = new EditorPage(page, studio.picture)
    await editor.open()
    expect((await editor.canvas.boundingBox())?.height).toBeGreaterThan(320)
    for (const button of ['Box', 'Fit', 'Shortcuts', 'Next picture', 'Done', 'Save']) {
      await expect(editor.button(button)).toBeInViewport({ ratio: 1 })
    }
  })
})

test('whoever is not signed in may look but not draw', async ({ page, context, studio }) => {
  await context.clearCookies()
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  await expect(page.getByRole('main').getByRole('link', { name: 'Sign in' })).toHaveAttribute('href', /^\/login\?next=/)
  await expect(editor.button('Box')).toHaveCount(0)
  await expect(editor.object).toHaveCount(0)
  await page.keyboard.press('b')
  await editor.drag([0.2, 0.2], [0.6, 0.6])
  await expect(editor.regions).toHaveCount(0)
})
