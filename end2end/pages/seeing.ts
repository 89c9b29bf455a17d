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

  /** How many pixels of a canvas that is seen are not transparent within a part of the surface. */
  painted(part: { x: number; y: number; width: number; height: number }): Promise<number> {
    return this.canvas.evaluate((surface, { x, y, width, height }) => {
      const ratio = devicePixelRatio
      let count = 0
      for (const canvas of surface.querySelectorAll('canvas')) {
        if (getComputedStyle(canvas).visibility === 'hidden') continue
        const pixels = canvas.getContext('2d')?.getImageData(x * ratio, y * ratio, width * ratio, height * ratio).data ?? []
        for (let at = 3; at < pixels.length; at += 4) if (pixels[at] !== 0) count += 1
      }
      return count
    }, part)
  }
}
