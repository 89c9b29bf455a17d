import { type Locator, type Page, expect } from '@playwright/test'
import type { EditorPage, Place } from './editor'

/** What the editor offers for labelling: keys, commands by name, favourites, the list of regions. */
export class Labels {
  readonly shortcuts: Locator
  /** What happened in the list of shortcuts. */
  readonly news: Locator
  readonly palette: Locator
  readonly command: Locator
  readonly commands: Locator
  readonly favourites: Locator
  readonly filter: Locator

  constructor(readonly page: Page) {
    this.shortcuts = page.getByRole('dialog', { name: 'Shortcuts' })
    this.news = this.shortcuts.getByRole('status')
    this.palette = page.getByRole('dialog', { name: 'All commands' })
    this.command = this.palette.getByRole('combobox', { name: 'Command' })
    this.commands = this.palette.getByRole('option')
    this.favourites = page.getByRole('list', { name: 'Favourites' }).getByRole('listitem')
    this.filter = page.getByRole('searchbox', { name: 'Filter regions by object or kind' })
  }

  /** The button that stands for a region in the list. */
  row(index: number): Locator {
    return this.page.getByRole('list', { name: 'Regions' }).getByRole('listitem').nth(index).locator('.region-choose')
  }

  /** Gives a command one more key, in the list of shortcuts where keys are being changed. */
  async addKey(command: string, key: string): Promise<void> {
    await this.shortcuts.getByRole('button', { name: `Add a key for ${command}`, exact: true }).click()
    await this.page.keyboard.press(key)
  }

  /** Waits until people who do not see the picture have been told. */
  async said(sentence: string | RegExp): Promise<void> {
    await expect(this.page.locator('p[aria-live="polite"]').filter({ hasText: sentence })).toHaveCount(1)
  }

  /** Moves one finger over the picture; `radius` is how large it is, in CSS pixels. */
  async swipe(editor: EditorPage, places: Place[], radius = 10): Promise<void> {
    const browser = await this.page.context().newCDPSession(this.page)
    const touch = async (place: Place): Promise<object> => ({ ...(await editor.at(place)), radiusX: radius, radiusY: radius, id: 1 })
    const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: object[]): Promise<unknown> =>
      browser.send('Input.dispatchTouchEvent', { type, touchPoints: touchPoints as never })
    // Between the two nothing takes time: a finger that stays has another meaning.
    const [first, ...rest] = await Promise.all(places.map(touch))
    if (!first) return
    // Nor is anything waited for: a busy machine answers later than a finger is lifted.
    const sent = [send('touchStart', [first]), ...rest.map((point) => send('touchMove', [point])), send('touchEnd', [])]
    await Promise.all(sent)
    await browser.detach()
  }
}
