import { SeeingPage } from '../pages/seeing'
import { expect, keeper, newName, test } from '../support/fixtures'
import { drawPng } from '../support/png'

const box = (x: number, y: number, w: number, h: number, object: string) => ({ type: 'bbox', shape: { x, y, w, h }, object })

test('brightness, contrast, gamma and edges change what is seen and not the picture', async ({ page, studio }) => {
  const editor = new SeeingPage(page, studio.picture)
  await editor.open()
  expect(await editor.filter()).toBe('none')
  await editor.openPanel()
  await expect(editor.panel.getByRole('slider', { name: 'Brightness' })).toBeFocused()
  await editor.slide('Brightness', 150)
  await editor.slide('Gamma', 200)
  await editor.slide('Edges', 50)
  await expect(editor.panel.getByText('150 %')).toBeVisible()
  expect(await editor.filter()).toMatch(/brightness\(1\.5\) contrast\(1\) url\(.*#editor-look-filter.*\)/)
  await expect(page.locator('#editor-look-filter feFuncR')).toHaveAttribute('exponent', '0.5')
  await editor.panel.getByRole('checkbox', { name: 'Rulers' }).check()

  // The browser remembers it.
  await editor.open()
  expect(await editor.filter()).toContain('brightness(1.5)')
  await editor.openPanel()
  await expect(editor.panel.getByRole('checkbox', { name: 'Rulers' })).toBeChecked()
  await editor.panel.getByRole('button', { name: 'Reset the picture' }).click()
  expect(await editor.filter()).toBe('none')
  await expect(editor.panel.getByRole('checkbox', { name: 'Rulers' })).toBeChecked()
  // Its switches take no keys but their own, and its sliders only those that move them.
  await editor.panel.getByRole('checkbox', { name: 'Rulers' }).uncheck()
  await page.keyboard.press('b')
  await expect(editor.button('Box')).toHaveAttribute('aria-pressed', 'true')
  await page.keyboard.press('Space')
  await expect(editor.panel.getByRole('checkbox', { name: 'Rulers' })).toBeChecked()
  await page.keyboard.press('F8')
  await expect(editor.panel.getByRole('checkbox', { name: 'Rulers' })).not.toBeChecked()
  await editor.panel.getByRole('slider', { name: 'Contrast' }).focus()
  await page.keyboard.press('ArrowRight')
  await expect(editor.panel.getByText('101 %')).toBeVisible()
  await page.keyboard.press('v')
  await expect(editor.button('Select')).toHaveAttribute('aria-pressed', 'true')
  await page.keyboard.press('Escape')
  await expect(editor.panel).toBeHidden()
  await expect(editor.canvas).toBeFocused()
})

test('the map shows the part in view and leads to another one', async ({ page, studio }) => {
  const editor = new SeeingPage(page, studio.picture)
  await editor.open()
  await expect(editor.minimap).toBeHidden()
  await editor.canvas.focus()
  const { scale } = await editor.placed()
  for (let turn = 0; turn < 6; turn += 1) await page.keyboard.press('+')
  await expect.poll(async () => (await editor.placed()).scale).toBeCloseTo(scale * 1.25 ** 6, 4)
  await expect(editor.minimap).toBeVisible()
  const before = await editor.placed()
  const map = await editor.minimap.boundingBox()
  if (!map) throw new Error('there is no map')
  await page.mouse.click(map.x + map.width * 0.1, map.y + map.height * 0.1)
  await expect.poll(async () => (await editor.placed()).x).toBeGreaterThan(before.x + 50)
  const after = await editor.placed()
  expect(after.scale).toBeCloseTo(before.scale, 6)
  expect(after.y).toBeGreaterThan(before.y + 50)
  await page.mouse.down()
  await page.mouse.move(map.x + map.width * 0.9, map.y + map.height * 0.9, { steps: 4 })
  await page.mouse.up()
  await expect.poll(async () => (await editor.placed()).x).toBeLessThan(before.x - 50)
  await page.keyboard.press('F9')
  await expect(editor.minimap).toBeHidden()
  await page.keyboard.press('F9')
  await expect(editor.minimap).toBeVisible()
  await page.keyboard.press('0')
  await expect(editor.minimap).toBeHidden()
  await expect(editor.regions).toHaveCount(0)
})

test('pixels are read off at the pointer, of the selection, and from rulers', async ({ page, api, watch, studio }) => {
  // The test reads what is painted; the editor itself never does.
  watch.allow(/willReadFrequently/)
  const { width, height } = studio.picture
  await api.post(`/picture/${studio.picture.id}/annotations`, [box(0.25, 0.25, 0.25, 0.5, studio.object)])
  const editor = new SeeingPage(page, studio.picture)
  await editor.open()
  await editor.point([0.75 + 0.5 / width, 0.5 + 0.5 / height])
  await expect(editor.reading).toHaveText(`${width * 0.75}, ${height * 0.5}`)
  await editor.click([0.3, 0.3])
  await expect(editor.reading).toContainText(`${width / 4} × ${height / 2} px (${(width / 4) * (height / 2)} px²)`)

  const ruler = { x: 2, y: 2, width: 200, height: 10 }
  expect(await editor.painted(ruler)).toBe(0)
  await page.keyboard.press('F8')
  await expect.poll(() => editor.painted(ruler)).toBeGreaterThan(1000)
  const { x } = await editor.at([0.3, 0.3])
  const mark = await page.locator('.ruler-mark.is-across').boundingBox()
  expect(Math.abs((mark?.x ?? 0) - x)).toBeLessThan(1)
})

test('one zooms from the whole picture to single pixels, which are squares', async ({ page, studio }) => {
  const editor = new SeeingPage(page, studio.picture)
  await editor.open()
  const rendering = () => editor.image.evaluate((image) => getComputedStyle(image).imageRendering)
  expect(await rendering()).toBe('auto')
  // At the left, the sky ends here.
  const { x, y } = await editor.at([0.05, 0.65])
  await page.mouse.move(x, y)
  for (let turn = 0; turn < 30; turn += 1) await page.mouse.wheel(0, -300)
  await expect.poll(async () => (await editor.placed()).scale).toBeGreaterThanOrEqual(64)
  expect(await rendering()).toBe('pixelated')
  // What is seen, and not what was asked for: from pixel to pixel of the picture the colour jumps.
  const clip = { x: x - 1, y: y - 150, width: 2, height: 300 }
  const jumps = async () => {
    const seen = (await page.screenshot({ clip })).toString('base64')
    return page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
      const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
      const pen = new OffscreenCanvas(picture.width, picture.height).getContext('2d')
      pen?.drawImage(picture, 0, 0)
      const { data } = pen!.getImageData(0, 0, 1, picture.height)
      const at = (index: number) => data.slice(4 * index, 4 * index + 3).join()
      return Array.from({ length: picture.height - 1 }, (_, index) => at(index) !== at(index + 1)).filter(Boolean).length
    }, seen)
  }
  const { scale } = await editor.placed()
  await expect.poll(jumps).toBeLessThanOrEqual(Math.ceil(300 / scale))
  expect(await jumps()).toBeGreaterThan(0)
  for (let turn = 0; turn < 40; turn += 1) await page.mouse.wheel(0, 300)
  const surface = await editor.canvas.boundingBox()
  await expect.poll(async () => (await editor.placed()).scale * studio.picture.width).toBeLessThan((surface?.width ?? 0) * 0.7)
})

test('of a thousand regions the list holds those in view, and says so', async ({ page, api, studio }) => {
  const names = [studio.object, newName('Other ')] as const
  await api.newObject(names[1])
  const many = Array.from({ length: 1000 }, (_, at) => box((at % 40) / 41, Math.floor(at / 40) / 26, 0.015, 0.025, names[at === 999 ? 1 : 0]))
  await api.post(`/picture/${studio.picture.id}/annotations`, many)
  const editor = new SeeingPage(page, studio.picture)
  await editor.open()
  await expect(editor.regions.first()).toHaveAttribute('aria-setsize', '1000')
  expect(await editor.regions.count()).toBeLessThan(200)
  const list = page.getByRole('list', { name: 'Regions' })
  await list.evaluate((rows) => rows.scrollTo(0, rows.scrollHeight))
  await expect(editor.regions.last()).toHaveAttribute('aria-posinset', '1000')
  await expect(editor.regions.last()).toContainText(names[1])
  await editor.regions.last().getByRole('button').first().click()
  await expect(editor.reading).toContainText('px')

  // What is chosen on the picture is shown in the list, and the Tab key comes to it.
  const row = (number: number) => list.locator(`[aria-posinset="${number}"]`)
  await list.evaluate((rows) => rows.scrollTo(0, 0))
  await expect(row(1)).toBeInViewport()
  await editor.click([499 % 40 / 41 + 0.007, 12 / 26 + 0.012])
  await expect(row(500)).toBeInViewport()
  await expect(list.locator('.region-choose[tabindex="0"]')).toHaveCount(1)
  // Wherever the list is scrolled to, the keyboard stays in its row.
  await row(500).locator('.region-choose').focus()
  for (const place of [0, 3_000, 9_000, 20_000, 30_000]) {
    await list.evaluate((rows, place) => rows.scrollTo(0, place), place)
    await expect.poll(() => list.evaluate((rows) => rows.scrollTop)).toBe(place)
    await expect(row(500).locator('.region-choose')).toBeFocused()
  }
  await page.keyboard.press('ArrowUp')
  await expect(row(499).locator('.region-choose')).toBeFocused()
  await expect(row(499)).toBeInViewport()
  await expect(editor.button('Undo')).toBeDisabled()
  await list.evaluate((rows) => rows.scrollTo(0, 0))
  await expect(row(1)).toBeInViewport()
  await editor.button('Select').focus()
  await row(499).locator('.region-choose').focus()
  await expect(row(499)).toBeInViewport()
  await expect(row(498)).toBeInViewport()

  // Dragging one of them moves it, and nothing of it stays behind.
  await editor.click([999 % 40 / 41 + 0.007, 24 / 26 + 0.012])
  await page.keyboard.press('Delete')
  await editor.saved()
  expect(await api.annotations(studio.picture.id)).toHaveLength(999)
})

test('what is drawn looks as it should', async ({ page, elsewhere, api }) => {
  await api.signIn(keeper)
  const [first, second, third] = ['Seeing: cat', 'Seeing: dog', 'Seeing: road'] as const
  // Colours come of names, so that these are always the same; where the story is told again, they are there already.
  for (const object of [first, second, third]) await api.newObject(object).catch(() => undefined)
  const picture = await api.upload({ name: 'seen.png', mimeType: 'image/png', buffer: drawPng(42, 640, 480) })
  const star = Array.from({ length: 10 }, (_, corner) => {
    const [angle, radius] = [(corner / 10) * 2 * Math.PI, corner % 2 === 0 ? 0.2 : 0.09]
    return { x: 0.7 + radius * 0.75 * Math.sin(angle), y: 0.35 - radius * Math.cos(angle) }
  })
  await api.post(`/picture/${picture.id}/annotations`, [
    box(0.1, 0.1, 0.3, 0.4, first),
    { type: 'polygon', shape: star, object: second },
    { type: 'polyline', shape: [{ x: 0.1, y: 0.9 }, { x: 0.4, y: 0.7 }, { x: 0.9, y: 0.85 }], object: third },
    { type: 'point', shape: { x: 0.3, y: 0.75 }, object: first },
  ])
  // Nothing that is written shows up, so that fonts make no difference.
  // Fewer pixels than the point has, which is the smallest of them.
  const close = { maxDiffPixels: 60, threshold: 0.15 }
  const editor = new SeeingPage(page, picture)
  await editor.open()
  await expect(editor.canvas).toHaveScreenshot('fitted.png', close)
  await page.keyboard.press('Shift+F9')
  await expect(editor.canvas).toHaveScreenshot('patterns.png', close)
  await page.keyboard.press('Shift+F9')
  await editor.canvas.focus()
  const { x, y } = await editor.at([0.7, 0.35])
  await page.mouse.move(x, y)
  for (let turn = 0; turn < 3; turn += 1) await page.mouse.wheel(0, -240)
  await page.mouse.move(5, 5)
  await page.keyboard.press('F9')
  await expect(editor.canvas).toHaveScreenshot('zoomed.png', close)

  const sharp = await elsewhere({ deviceScaleFactor: 2, viewport: { width: 900, height: 600 } })
  await sharp.request.post('/api/login', {
    data: { username: keeper.name, password: keeper.password },
    headers: { origin: new URL(page.url()).origin },
  })
  const high = new SeeingPage(sharp, picture)
  await high.open()
  await expect(high.canvas).toHaveScreenshot('sharp.png', { ...close, scale: 'device' })
  expect(await high.canvas.locator('canvas').first().evaluate((canvas: HTMLCanvasElement) => canvas.width / canvas.clientWidth)).toBeCloseTo(2, 2)
})
