import { type Locator, type Page, expect } from '@playwright/test'
import { hydrated } from '../support/fixtures'

/** A place on the picture: [0, 1] from its top left corner. */
export type Place = [x: number, y: number]

/** The editor leaves this space around a fitted picture, in CSS pixels. */
const fitMargin = 16

/** The annotation editor of one picture, with the picture fitted into the drawing surface. */
export class EditorPage {
  readonly canvas: Locator
  readonly object: Locator
  /** What the object picker offers. */
  readonly options: Locator
  readonly selectedOption: Locator
  /** What Enter says where it is not clear what was meant. */
  readonly undecided: Locator
  readonly saving: Locator
  readonly regions: Locator

  constructor(
    readonly page: Page,
    readonly picture: { id: number; width: number; height: number },
  ) {
    this.canvas = page.getByRole('application', { name: 'Annotation canvas' })
    this.object = page.getByRole('combobox', { name: 'Object', exact: true })
    const list = page.getByRole('listbox', { name: 'Objects' })
    this.options = list.getByRole('option')
    this.selectedOption = list.getByRole('option', { selected: true })
    this.undecided = page.locator('.object-undecided')
    this.saving = page.getByRole('status', { name: 'Saving' })
    this.regions = page.getByRole('list', { name: 'Regions' }).getByRole('listitem')
  }

  async open(site = ''): Promise<void> {
    await this.page.goto(`${site}/picture/${this.picture.id}/annotate`)
    await this.ready()
  }

  /** Waits until the editor can be used. */
  async ready(): Promise<void> {
    await hydrated(this.page)
    await expect(this.canvas).toHaveClass(/is-live/)
    await this.fitted()
  }

  /** Waits until the drawing surface has its final place and size. */
  private async fitted(): Promise<void> {
    let before = ''
    await expect
      .poll(async () => {
        const now = JSON.stringify(await this.canvas.boundingBox())
        const still = now === before
        before = now
        return still
      })
      .toBe(true)
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true })
  }

  /** Takes up a tool by its button. */
  async tool(name: 'Select' | 'Box' | 'Polygon' | 'Polyline' | 'Point'): Promise<void> {
    await this.button(name).click()
    await expect(this.button(name)).toHaveAttribute('aria-pressed', 'true')
  }

  /** Where a place of the fitted picture lies in the window. */
  async at([x, y]: Place): Promise<{ x: number; y: number }> {
    const box = await this.canvas.boundingBox()
    if (!box) throw new Error('there is no drawing surface')
    const { width, height } = this.picture
    const scale = Math.min((box.width - 2 * fitMargin) / width, (box.height - 2 * fitMargin) / height)
    return {
      x: box.x + (box.width - width * scale) / 2 + x * width * scale,
      y: box.y + (box.height - height * scale) / 2 + y * height * scale,
    }
  }

  async click(place: Place): Promise<void> {
    const { x, y } = await this.at(place)
    await this.page.mouse.click(x, y)
  }

  /** Presses at one place, moves through some others, and lets go at the last. */
  async drag(...places: [Place, ...Place[]]): Promise<void> {
    const [start, ...rest] = places
    const from = await this.at(start)
    await this.page.mouse.move(from.x, from.y)
    await this.page.mouse.down()
    for (const place of rest) {
      const to = await this.at(place)
      await this.page.mouse.move(to.x, to.y, { steps: 5 })
    }
    await this.page.mouse.up()
  }

  async drawBox(from: Place, to: Place): Promise<void> {
    await this.tool('Box')
    await this.drag(from, to)
  }

  /** Does something with the Shift key held. */
  async withShift(action: () => Promise<void>): Promise<void> {
    await this.page.keyboard.down('Shift')
    await action()
    await this.page.keyboard.up('Shift')
  }

  /** Clicks the corners and ends the shape with the Enter key. */
  async drawCorners(tool: 'Polygon' | 'Polyline', corners: Place[]): Promise<void> {
    await this.tool(tool)
    for (const corner of corners) await this.click(corner)
    await this.page.keyboard.press('Enter')
  }

  /** Finds an object by its name and gives it to the selected region. */
  async pickObject(name: string): Promise<void> {
    await this.object.fill(name)
    await this.page.getByRole('option', { name }).first().click()
  }

  /** Presses a key as another keyboard layout or an input method reports it. */
  async pressAs(target: Locator, event: KeyboardEventInit): Promise<void> {
    await target.dispatchEvent('keydown', { bubbles: true, cancelable: true, ...event })
  }

  /** Waits until the server has everything, which was out of reach: the browser says that the line is back. */
  async savedAfterTrouble(): Promise<void> {
    // Between its tries the page pauses for longer and longer.
    await expect(async () => {
      await this.page.evaluate(() => window.dispatchEvent(new Event('online')))
      await expect(this.saving).toHaveText(/^saved/i, { timeout: 1_000 })
    }).toPass({ timeout: 30_000 })
  }

  /** Waits until the server has everything. */
  async saved(): Promise<void> {
    await expect(this.saving).toHaveText(/^saved/i)
  }
}
