import { type Locator, type Page, expect } from '@playwright/test'
import { open } from '../support/fixtures'

/** The page of one gallery, and the way to a new one. */
export class GalleryPage {
  readonly heading: Locator
  readonly pictures: Locator
  /** The rows in the order that is made by hand. */
  readonly rows: Locator
  /** What those hear last who do not see the page. */
  readonly announced: Locator

  constructor(readonly page: Page) {
    this.heading = page.getByRole('heading', { level: 1 })
    this.pictures = page.locator('.picture-grid .picture-title')
    this.announced = page.locator('p[aria-live="polite"]').filter({ hasText: /\S/ })
    this.rows = page.getByRole('list', { name: 'Order' }).getByRole('listitem')
  }

  /** Makes a gallery in its form. */
  async make(title: string, description: string): Promise<void> {
    await open(this.page, '/galleries')
    await this.page.getByRole('link', { name: 'New gallery' }).click()
    await this.page.getByLabel('Title').fill(title)
    await this.page.getByLabel('Description').fill(description)
    await this.page.getByRole('button', { name: 'Make the gallery' }).click()
    await expect(this.heading).toHaveText(title)
  }

  async open(id: number): Promise<void> {
    await open(this.page, `/gallery/${id}`)
  }

  /** Opens one of the parts that are closed at first. */
  async unfold(name: string): Promise<void> {
    await this.page.locator('summary').filter({ hasText: new RegExp(`^${name}$`) }).click()
  }

  async arrange(): Promise<void> {
    await this.page.getByRole('link', { name: 'Arrange', exact: true }).click()
    await expect(this.rows.first()).toBeVisible()
  }

  /** Waits until the rows have these titles in this order. */
  async ordered(titles: string[]): Promise<void> {
    await expect(this.rows.locator('a')).toHaveText(titles)
  }
}

/** A gallery picture by picture. */
export class Slideshow {
  readonly title: Locator
  readonly place: Locator

  constructor(readonly page: Page) {
    this.title = page.locator('.slide-title')
    this.place = page.locator('.slide-place')
  }

  async shows(title: string, place: string): Promise<void> {
    await expect(this.title).toHaveText(title)
    await expect(this.place).toHaveText(place)
  }
}
