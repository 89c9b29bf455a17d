import { SeeingPage } from '../pages/seeing'
import { expect, test } from '../support/fixtures'

/** So many regions that a gesture moves what is drawn of them, and their shapes when it ends. */
const columns = 33
const rows = 12

test('what comes into view while many regions are stretched is seen at once', async ({ page, api, watch, studio }) => {
  // The test reads what is painted; the editor itself never does.
  watch.allow(/willReadFrequently/)
  const boxes = Array.from({ length: columns * rows }, (_, at) => {
    const [x, y] = [0.3 + 0.02 * (at % columns), 0.08 * Math.floor(at / columns) + 0.02]
    return { type: 'bbox', shape: { x, y, w: 0.015, h: 0.06 }, object: studio.object }
  })
  await api.post(`/picture/${studio.picture.id}/annotations`, boxes)
  const editor = new SeeingPage(page, studio.picture)
  await editor.open()
  const left = await editor.at([0.3, 0.49])
  await page.mouse.move(left.x, left.y)
  const { scale } = await editor.placed()
  await page.mouse.wheel(0, -400)
  await page.mouse.wheel(0, -200)
  await expect.poll(async () => (await editor.placed()).scale).toBeGreaterThan(3 * scale)
  await page.keyboard.press('Control+a')
  await expect(page.getByText(`${columns * rows} selected`, { exact: true })).toBeVisible()
  const edge = await editor.now([0.3, 0.49])
  await page.mouse.move(edge.x, edge.y)
  await page.mouse.down()
  await page.mouse.move(edge.x - 200, edge.y, { steps: 5 })
  // At the right of the surface, where regions have come from beyond its edge.
  const box = await editor.canvas.boundingBox()
  if (!box) throw new Error('there is no drawing surface')
  const strip = { x: box.width - 60, y: 40, width: 60, height: box.height - 80 }
  await expect.poll(() => editor.painted(strip)).toBeGreaterThan(2000)

  // The same holds while the view changes.
  await page.keyboard.press('-')
  await expect.poll(async () => (await editor.placed()).scale).toBeLessThan(3 * scale)
  await expect.poll(() => editor.painted(strip)).toBeGreaterThan(2000)
  await page.mouse.up()
  await editor.saved()
})

test('many regions that are let go of stay where they are on the picture while the view moves', async ({ page, api, studio }) => {
  const rings = Array.from({ length: columns * rows }, (_, at) => {
    const [x, y] = [0.1 + 0.024 * (at % columns), 0.1 + 0.065 * Math.floor(at / columns)]
    const corner = (angle: number) => ({ x: x + 0.01 * Math.cos(angle), y: y + 0.02 * Math.sin(angle) })
    return { type: 'polygon', shape: Array.from({ length: 60 }, (_, index) => corner((index * Math.PI) / 30)), object: studio.object }
  })
  await api.post(`/picture/${studio.picture.id}/annotations`, rings)
  const editor = new SeeingPage(page, studio.picture)
  await editor.open()
  await page.keyboard.press('v')
  await page.keyboard.press('Control+a')
  await expect(page.getByText(`${columns * rows} selected`, { exact: true })).toBeVisible()
  await editor.drag([0.1, 0.1], [0.14, 0.13])
  await expect(editor.saving).toHaveText(/^saved/i)

  const strays = await editor.canvas.evaluate(async (surface) => {
    const image = surface.querySelector('img')
    const edges = surface.getBoundingClientRect()
    const at = { clientX: edges.left + edges.width / 3, clientY: edges.top + edges.height / 3 }
    // Where each canvas that is seen lies on the picture, and how large.
    const laid = () => {
      const picture = image?.getBoundingClientRect() ?? edges
      return [...surface.querySelectorAll('canvas')].slice(2, 4).map((canvas) => {
        if (getComputedStyle(canvas).visibility === 'hidden' || canvas.width === 0) return null
        const { left, top, width } = canvas.getBoundingClientRect()
        return [(left - picture.left) / picture.width, (top - picture.top) / picture.width, width / picture.width]
      })
    }
    const frame = () => new Promise(requestAnimationFrame)
    const found: number[] = []
    let before: ReturnType<typeof laid> = []
    const scales = new Set<number>()
    for (let turn = 0; turn < 18; turn += 1) {
      await frame()
      const now = laid()
      scales.add(image?.getBoundingClientRect().width ?? 0)
      now.forEach((canvas, index) => {
        const last = before[index]
        if (canvas && last) found.push(Math.max(...canvas.map((value, part) => Math.abs(value - (last[part] ?? 0)))))
      })
      before = now
      if (turn === 0) surface.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', code: 'Escape', bubbles: true, cancelable: true }))
      surface.dispatchEvent(new WheelEvent('wheel', { ...at, deltaY: -60, bubbles: true, cancelable: true }))
    }
    if (scales.size < 12) throw new Error(`the view has stood still: ${scales.size}`)
    return found
  })
  expect(Math.max(0, ...strays)).toBeLessThan(1e-3)
  await expect(page.getByText(`${columns * rows} selected`, { exact: true })).toHaveCount(0)
})
