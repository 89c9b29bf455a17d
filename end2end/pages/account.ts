import { type Locator, type Page, expect } from '@playwright/test'
import { open } from '../support/fixtures'

/** The account from the inside: password, sessions, tokens, the end. */
export class AccountPage {
  readonly sessions: Locator
  readonly tokens: Locator
  /** What those hear last who do not see the page. */
  readonly announced: Locator

  constructor(readonly page: Page) {
    this.announced = page.locator('p[aria-live="polite"]').filter({ hasText: /\S/ })
    this.sessions = page.getByRole('region', { name: 'Sessions', exact: true }).getByRole('table').getByRole('row')
    this.tokens = page.getByRole('region', { name: 'API tokens', exact: true }).getByRole('table').getByRole('row')
  }

  async open(): Promise<void> {
    await open(this.page, '/account')
    await expect(this.page.getByRole('heading', { name: 'Your account', level: 1 })).toBeVisible()
  }

  /** Fills in the form for another password, and sends it. */
  async changePassword(current: string, password: string): Promise<void> {
    await open(this.page, '/account/password')
    await this.page.getByLabel('Current password').fill(current)
    await this.page.getByLabel('New password').fill(password)
    await this.page.getByRole('button', { name: 'Change the password' }).click()
  }

  /** Makes a token on the page that is open and reads the secret, which it shows once. */
  async makeToken(name: string, scope: 'read' | 'write'): Promise<string> {
    await this.page.getByLabel('Name', { exact: true }).fill(name)
    await this.page.getByLabel('It may').selectOption(scope)
    await this.page.getByRole('button', { name: 'Make the token' }).click()
    const secret = this.page.getByRole('main').locator('code').filter({ hasText: /^oc_[0-9a-f]{64}$/ })
    await expect(secret).toBeVisible()
    return secret.innerText()
  }

  async revokeToken(name: string): Promise<void> {
    await this.page.getByRole('button', { name: `Revoke ${name}` }).click()
    await expect(this.tokens.filter({ hasText: name })).toHaveCount(0)
  }

  /** Fills in the form that ends the account, and sends it. */
  async close(password: string, pictures: RegExp, attribution = ''): Promise<void> {
    await open(this.page, '/account/close')
    await this.page.getByRole('radio', { name: pictures }).check()
    await this.page.getByLabel('The other name').fill(attribution)
    await this.page.getByLabel('Your password').fill(password)
    await this.page.getByRole('button', { name: 'Close the account for good' }).click()
  }
}
