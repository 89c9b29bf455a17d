import { type Locator, type Page, expect } from '@playwright/test'
import { hydrated, open } from '../support/fixtures'

/** What administrators see: the list of users, the page of one of them, the log. */
export class AdministrationPage {
  constructor(readonly page: Page) {}

  /** Goes to the list the way an administrator does. */
  async open(): Promise<void> {
    await open(this.page, '/')
    await this.page.getByRole('banner').locator('.account-menu > summary').click()
    await this.page.getByRole('banner').getByRole('link', { name: 'Administration' }).click()
    await expect(this.page.getByRole('heading', { level: 1 })).toHaveText('Administration')
  }

  /** Searches for a user and goes to their page. */
  async find(name: string): Promise<void> {
    await this.page.getByLabel('Part of the name').fill(name.slice(0, -1))
    await this.page.getByRole('button', { name: 'Show' }).click()
    await expect(this.page).toHaveURL(/search=/)
    await hydrated(this.page)
    await this.page.getByRole('region', { name: 'Users' }).getByRole('link', { name, exact: true }).click()
    await expect(this.page.getByRole('heading', { level: 1 })).toHaveText(name)
  }

  async openUser(name: string): Promise<void> {
    await open(this.page, `/administration/user/${name}`)
  }

  /** What the page says of whether the user may sign in. */
  get state(): Locator {
    return this.page.locator('.facts')
  }

  /** Unfolds what is to be done, and hands out its form. */
  async unfold(title: string): Promise<Locator> {
    const part = this.page.locator('details').filter({ has: this.page.locator('summary', { hasText: title }) })
    await part.locator('summary').click()
    return part
  }

  /** Makes a link to a new password and reads it. */
  async makeResetLink(): Promise<string> {
    const part = await this.unfold('Help with a forgotten password')
    await part.getByRole('button', { name: 'Make the link' }).click()
    return this.page.getByRole('textbox', { name: 'Link' }).inputValue()
  }

  /** The entries of the log about a user, the newest first, as rows of a table. */
  async openLog(about: string): Promise<Locator> {
    await open(this.page, '/administration/log?limit=1000')
    return this.page.getByRole('region', { name: 'Log' }).getByRole('row').filter({ hasText: `user ${about}` })
  }
}

/** The page that a link to a new password opens. */
export class ResetPage {
  constructor(readonly page: Page) {}

  async open(link: string): Promise<void> {
    await open(this.page, link)
  }

  async set(password: string): Promise<void> {
    await this.page.getByLabel('New password', { exact: true }).fill(password)
    await this.page.getByRole('button', { name: 'Set the password' }).click()
  }
}
