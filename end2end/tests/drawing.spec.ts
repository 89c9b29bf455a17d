import { EditorPage, type Place } from '../pages/editor'
import { type Region, expect, test } from '../support/fixtures'

/** Half a screen pixel at the size that the suite's pictures have on the surface. */
const close = 0.003

const corners = (region: Region | undefined): Place[] =>
  ((region?.shape ?? []) as { x: number; y: number }[]).map(({ x, y }) => [x, y])

function expectPlaces(actual: Place[], wanted: Place[]): void {
  expect(actual, JSON.stringify(actual)).toHaveLength(wanted.length)
  actual.forEach(([x, y], index) => {
    expect(Math.abs(x - (wanted[index]?.[0] ?? 9)), `x of corner ${index}`).toBeLessThan(close)
    expect(Math.abs(y - (wanted[index]?.[1] ?? 9)), `y of corner ${index}`).toBeLessThan(close)
  })
}

/** A box as its top left and its bottom right corner. */
function ends(region: Region | undefined): Place[] {
  expect(region?.type).toBe('bbox')
  const { x, y, w, h } = region?.shape as { x: number; y: number; w: number; h: number }
  return [[x, y], [x + w, y + h]]
}

const region = (type: 'bbox' | 'polygon' | 'polyline', shape: unknown, object: string): unknown => ({ type, shape, object })
const through = (...places: Place[]): { x: number; y: number }[] => places.map(([x, y]) => ({ x, y }))

/** The area of a polygon, as a part of the picture. */
function area(places: Place[]): number {
  const doubled = places.map(([x, y], index) => {
    const [nextX, nextY] = places[(index + 1) % places.length] ?? [0, 0]
    return x * nextY - nextX * y
  })
  return Math.abs(doubled.reduce((sum, part) => sum + part, 0)) / 2
}

test('four clicks on the outermost places make a box', async ({ page, api, studio }) => {
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  await editor.button('Extreme points').click()
  await editor.click([0.4, 0.2])
  await editor.click([0.2, 0.5])
  await editor.click([0.9, 0.9])
  await page.keyboard.press('Backspace')
  await editor.click([0.45, 0.7])
  await editor.click([0.6, 0.4])
  await editor.pickObject(studio.object)
  await editor.saved()
  expectPlaces(ends((await api.annotations(studio.picture.id))[0]), [[0.2, 0.2], [0.6, 0.7]])
})

test('a polygon drawn free hand gets the corners that it needs', async ({ page, api, studio }) => {
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  await editor.tool('Polygon')
  await editor.drag([0.2, 0.2], [0.7, 0.2], [0.7, 0.7], [0.205, 0.205])
  await editor.pickObject(studio.object)
  await editor.saved()
  expectPlaces(corners((await api.annotations(studio.picture.id))[0]), [[0.2, 0.2], [0.7, 0.2], [0.7, 0.7]])
})

test('what is drawn snaps to other regions and to the border, unless Alt is held', async ({ page, api, studio }) => {
  const square = through([0.2, 0.2], [0.5, 0.2], [0.5, 0.5], [0.2, 0.5])
  await api.post(`/picture/${studio.picture.id}/annotations`, [region('polygon', square, studio.object)])
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  const near = async ([x, y]: Place): Promise<void> => {
    const at = await editor.at([x, y])
    await page.mouse.click(at.x + 4, at.y + 4)
  }
  await editor.tool('Polyline')
  await near([0.5, 0.2])
  await near([0.5, 0.5])
  await page.keyboard.down('Alt')
  await near([0.5, 0.5])
  await page.keyboard.up('Alt')
  await page.keyboard.press('Enter')
  await editor.pickObject(studio.object)
  await editor.saved()
  const line = corners((await api.annotations(studio.picture.id))[1])
  expect(line.slice(0, 2), 'it shares the very corners').toEqual([[0.5, 0.2], [0.5, 0.5]])
  expect(line[2]?.[0]).toBeGreaterThan(0.5)

  const toggle = editor.button('Snapping')
  await expect(toggle).toHaveAttribute('aria-pressed', 'true')
  await editor.canvas.focus()
  await page.keyboard.press('s')
  await expect(toggle).toHaveAttribute('aria-pressed', 'false')
})

test('a line is gone on with, and split in two', async ({ page, api, studio }) => {
  const road = through([0.1, 0.1], [0.3, 0.3], [0.5, 0.2])
  await api.post(`/picture/${studio.picture.id}/annotations`, [region('polyline', road, studio.object)])
  const lines = async (): Promise<Place[][]> => (await api.annotations(studio.picture.id)).map(corners)
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  await editor.click([0.2, 0.2])
  await editor.tool('Polyline')
  await editor.click([0.5, 0.2])
  await editor.click([0.7, 0.4])
  await page.keyboard.press('Enter')
  await expect(editor.saving).toHaveText(/^saved/i)
  await expect.poll(lines).toHaveLength(1)
  expectPlaces((await lines())[0] ?? [], [[0.1, 0.1], [0.3, 0.3], [0.5, 0.2], [0.7, 0.4]])

  await editor.tool('Select')
  await editor.click([0.3, 0.3])
  await page.keyboard.press('t')
  await expect(editor.regions).toHaveCount(2)
  await editor.saved()
  const [first, second] = await lines()
  expectPlaces(first ?? [], [[0.1, 0.1], [0.3, 0.3]])
  expectPlaces(second ?? [], [[0.3, 0.3], [0.5, 0.2], [0.7, 0.4]])
})

test('areas are united and subtracted', async ({ page, api, studio }) => {
  const boxes = [{ x: 0.1, y: 0.1, w: 0.4, h: 0.4 }, { x: 0.3, y: 0.3, w: 0.4, h: 0.4 }, { x: 0.2, y: 0.2, w: 0.05, h: 0.05 }]
  await api.post(`/picture/${studio.picture.id}/annotations`, boxes.map((box) => region('bbox', box, studio.object)))
  const regions = (): Promise<Region[]> => api.annotations(studio.picture.id)
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  await editor.click([0.15, 0.4])
  await editor.withShift(() => editor.click([0.6, 0.6]))
  await page.keyboard.press('m')
  await expect(editor.regions).toHaveCount(2)
  await editor.saved()
  expect(area(corners((await regions())[0]))).toBeCloseTo(0.28, 6)

  await editor.click([0.15, 0.4])
  await editor.withShift(() => editor.click([0.22, 0.22]))
  await page.keyboard.press('x')
  await expect(page.getByText('a seam joins the hole')).toBeAttached()
  await editor.saved()
  expect(await regions()).toHaveLength(2)
  expect(area(corners((await regions())[0]))).toBeCloseTo(0.2775, 6)
  await page.keyboard.press('Control+z')
  await page.keyboard.press('Control+z')
  await expect(editor.regions).toHaveCount(3)
  await editor.saved()
  expect((await regions()).map((region) => region.type)).toEqual(['bbox', 'bbox', 'bbox'])
})

test('several regions are resized together, and an edge is dragged', async ({ page, api, studio }) => {
  const boxes = [{ x: 0.1, y: 0.1, w: 0.1, h: 0.2 }, { x: 0.3, y: 0.3, w: 0.1, h: 0.2 }]
  const square = through([0.6, 0.6], [0.9, 0.6], [0.9, 0.9], [0.6, 0.9])
  const start = [...boxes.map((box) => region('bbox', box, studio.object)), region('polygon', square, studio.object)]
  await api.post(`/picture/${studio.picture.id}/annotations`, start)
  const regions = (): Promise<Region[]> => api.annotations(studio.picture.id)
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  await editor.click([0.15, 0.2])
  await editor.withShift(() => editor.click([0.35, 0.4]))
  await editor.drag([0.4, 0.3], [0.7, 0.3])
  await editor.saved()
  expectPlaces((await regions()).slice(0, 2).flatMap(ends), [[0.1, 0.1], [0.3, 0.3], [0.5, 0.3], [0.7, 0.5]])

  await page.keyboard.press('Escape')
  await page.keyboard.down('Control')
  await editor.drag([0.68, 0.9], [0.68, 0.8])
  await page.keyboard.up('Control')
  await editor.saved()
  expectPlaces(corners((await regions())[2]), [[0.6, 0.6], [0.9, 0.6], [0.9, 0.8], [0.6, 0.8]])
})

test('regions are locked, hidden, shown alone and reordered by keys', async ({ page, api, studio }) => {
  const boxes = [{ x: 0.1, y: 0.1, w: 0.3, h: 0.3 }, { x: 0.6, y: 0.6, w: 0.3, h: 0.3 }]
  await api.post(`/picture/${studio.picture.id}/annotations`, boxes.map((box) => region('bbox', box, studio.object)))
  const editor = new EditorPage(page, studio.picture)
  const says = (text: string) => expect(page.getByText(text, { exact: true })).toBeAttached()
  const chosen = (index: number) => editor.regions.nth(index).getByRole('button', { pressed: true })
  await editor.open()
  await editor.click([0.2, 0.2])
  await page.keyboard.press('k')
  await says('Region locked')
  await editor.drag([0.2, 0.2], [0.3, 0.3])
  await page.keyboard.press('Delete')
  // Saving comes later, but that there is something to save is said at once.
  expect(await editor.saving.textContent()).toMatch(/^saved/i)
  await expect(editor.regions).toHaveCount(2)
  expectPlaces(ends((await api.annotations(studio.picture.id))[0]), [[0.1, 0.1], [0.4, 0.4]])

  await editor.click([0.7, 0.7])
  await page.keyboard.press('h')
  await says('Region hidden')
  await editor.click([0.7, 0.7])
  await expect(chosen(1)).toHaveCount(0)
  await page.keyboard.press('u')
  await says('All regions shown')
  await editor.click([0.7, 0.7])
  await expect(chosen(1)).toHaveCount(1)
  await page.keyboard.press('i')
  await says('Region hidden')
  await page.keyboard.press('i')
  await says('All regions shown')
  await page.keyboard.press('End')
  await says('Region at the back')
  await expect(chosen(0)).toHaveCount(1)
})
