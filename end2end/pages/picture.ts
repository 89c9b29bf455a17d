import { type Locator, type Page, expect } from '@playwright/test'
import { hydrated, open } from '../support/fixtures'

/** The page of one picture: the picture, and all that is known of it and can be done with it. */
export class PicturePage {
  readonly heading: Locator
  readonly regions: Locator
  readonly dialog: Locator
  /** Leads to the form for the metadata. */
  readonly editLink: Locator

  constructor(readonly page: Page) {
    this.editLink = page.getByRole('link', { name: 'Edit', exact: true })
    this.heading = page.getByRole('main').getByRole('heading', { level: 1 })
    this.regions = page.locator('.shown-region')
    this.dialog = page.getByRole('dialog', { name: 'Delete this picture?' })
  }

  async open(id: number): Promise<void> {
    await open(this.page, `/picture/${id}`)
  }

  /** The part of the page under a heading. */
  section(name: string): Locator {
    return this.page.getByRole('region', { name, exact: true })
  }

  /** Opens the form for the metadata. */
  async edit(): Promise<void> {
    await this.editLink.click()
    await expect(this.field('Title')).toBeVisible()
  }

  field(name: string): Locator {
    return this.page.getByRole('textbox', { name })
  }

  async save(): Promise<void> {
    await this.page.getByRole('button', { name: 'Save', exact: true }).click()
  }

  /** Gives the picture so many stars. */
  async rate(grade: number): Promise<void> {
    await this.star(grade).click()
    await expect(this.star(grade)).toHaveAttribute('aria-pressed', 'true')
  }

  star(grade: number): Locator {
    return this.page.getByRole('group', { name: 'Your rating' }).getByRole('button', { name: grade === 1 ? '1 star' : `${grade} stars` })
  }

  /** Opens the list of states, and gives the entry of one of them. */
  async state(revision: number): Promise<Locator> {
    const history = this.section('History of the regions')
    const entry = history.locator('.history-state').filter({ hasText: `Revision ${revision}` })
    const folded = history.locator('details:not([open]) > summary')
    // The list, and in it the entry of somebody who saved several times in a row.
    await expect(async () => {
      while (!(await entry.isVisible())) await folded.first().click({ timeout: 1000 })
      await expect(entry).toBeVisible({ timeout: 1000 })
    }).toPass({ timeout: 10_000 })
    return entry
  }

  /** Goes where the button leads, which is another picture's page, and gives its id. */
  async follow(button: Locator, from: number): Promise<number> {
    await button.click()
    await expect(this.page).not.toHaveURL(new RegExp(`/picture/${from}(/|$)`))
    await expect(this.page).toHaveURL(/\/picture\/\d+$/)
    await hydrated(this.page)
    return Number(this.page.url().match(/\d+$/)?.[0])
  }
}

/** The page to replace a picture. */
export class ReplacePage {
  readonly carry: Locator
  readonly send: Locator

  constructor(readonly page: Page) {
    this.carry = page.getByRole('checkbox', { name: /^Carry / })
    this.send = page.getByRole('button', { name: 'Replace the picture' })
  }

  async open(id: number): Promise<void> {
    await open(this.page, `/picture/${id}/replace`)
  }

  async choose(file: { name: string; mimeType: string; buffer: Buffer }): Promise<void> {
    await this.page.getByLabel('The better file').setInputFiles(file)
    await expect(this.page.getByAltText('The better file')).toBeVisible()
  }
}
