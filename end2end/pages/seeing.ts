import { type Locator, expect } from '@playwright/test'
import { EditorPage, type Place } from './editor'

/** What helps seeing in the editor: the panel of looks, the map of the picture, rulers, the line of pixels. */
export class SeeingPage extends EditorPage {
  readonly panel: Locator = this.page.getByRole('dialog', { name: 'View' })
  readonly minimap: Locator = this.page.locator('.editor-minimap')
  readonly reading: Locator = this.page.locator('.editor-reading')
  readonly frame: Locator = this.page.locator('.editor-still-frame')
  readonly image: Locator = this.frame.locator('img')
  readonly zoom: Locator = this.page.locator('.editor-zoom')

  async openPanel(): Promise<void> {
    await this.button('View').click()
    await expect(this.panel).toBeVisible()
  }

  /** Sets a slider of the panel. */
  async slide(name: string, value: number): Promise<void> {
    await this.panel.getByRole('slider', { name }).fill(String(value))
  }

  filter(): Promise<string> {
    return this.frame.evaluate((frame) => getComputedStyle(frame).filter)
  }

  /** Where the upper left corner of the picture lies on the surface, and how large one of its pixels is. */
  placed(): Promise<{ x: number; y: number; scale: number }> {
    return this.image.evaluate((image) => {
      const { e, f, a } = new DOMMatrix(getComputedStyle(image).transform)
      return { x: e, y: f, scale: a }
    })
  }

  async point(place: Place): Promise<void> {
    const { x, y } = await this.at(place)
    await this.page.mouse.move(x, y)
  }

  /** Where a place of the picture lies in the window, wherever the view is. */
  async now([x, y]: Place): Promise<{ x: number; y: number }> {
    const [placed, box] = [await this.placed(), await this.canvas.boundingBox()]
    if (!box) throw new Error('there is no drawing surface')
    const { width, height } = this.picture
    return { x: box.x + placed.x + x * width * placed.scale, y: box.y + placed.y + y * height * placed.scale }
  }

  /** How many pixels of the canvases that are seen are not transparent within a part of the surface. */
  painted(part: { x: number; y: number; width: number; height: number }): Promise<number> {
    return this.canvas.evaluate((surface, { x, y, width, height }) => {
      const from = surface.getBoundingClientRect()
      let count = 0
      for (const canvas of surface.querySelectorAll('canvas')) {
        const laid = canvas.getBoundingClientRect()
        if (getComputedStyle(canvas).visibility === 'hidden' || canvas.width === 0) continue
        // The browser may have moved and stretched what was drawn.
        const [across, down] = [canvas.width / laid.width, canvas.height / laid.height]
        const [left, top] = [(from.left + x - laid.left) * across, (from.top + y - laid.top) * down]
        const pixels = canvas.getContext('2d')?.getImageData(left, top, width * across, height * down).data ?? []
        for (let at = 3; at < pixels.length; at += 4) if (pixels[at] !== 0) count += 1
      }
      return count
    }, part)
  }
}
