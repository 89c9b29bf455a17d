import { type Locator, type Page, expect } from '@playwright/test'

/** A grid of pictures, and the bar that appears when some are selected. */
export class Grid {
  readonly cards: Locator
  readonly selected: Locator
  readonly bar: Locator

  constructor(readonly page: Page) {
    this.cards = page.locator('.picture-card')
    this.selected = page.locator('.picture-card.selected')
    this.bar = page.getByRole('region', { name: 'Selected pictures' })
  }

  card(title: string): Locator {
    return this.cards.filter({ has: this.link(title) })
  }

  link(title: string): Locator {
    return this.page.getByRole('link', { name: title, exact: true })
  }

  check(title: string): Locator {
    return this.page.getByRole('checkbox', { name: `Select ${title}`, exact: true })
  }

  /** Waits until exactly these are selected, for the eye and for assistive technology. */
  async selects(titles: string[]): Promise<void> {
    await expect(this.selected).toHaveCount(titles.length)
    for (const title of titles) await expect(this.check(title)).toBeChecked()
    if (titles.length === 0) await expect(this.bar).toHaveCount(0)
    else await expect(this.bar.getByRole('status')).toHaveText(`${titles.length} picture${titles.length === 1 ? '' : 's'} selected`)
  }
}

/** The dialog that puts pictures into a gallery. */
export class AddToGallery {
  readonly dialog: Locator

  constructor(readonly page: Page) {
    this.dialog = page.getByRole('dialog', { name: 'Add to a gallery' })
  }

  async toNew(title: string): Promise<void> {
    await this.dialog.getByLabel('New gallery').fill(title)
    await this.dialog.getByRole('button', { name: 'Make it and add' }).click()
    await expect(this.dialog).toBeHidden()
  }

  async to(title: string): Promise<void> {
    await this.dialog.getByRole('button', { name: title }).click()
    await expect(this.dialog).toBeHidden()
  }
}
