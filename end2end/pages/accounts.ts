import { type Locator, type Page, expect } from '@playwright/test'
import { type Account, newName, open } from '../support/fixtures'

/** What a person knows who answers the question of the registration form. */
const numbers = [
  ...['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'],
  ...['thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen', 'twenty', 'twenty-one', 'twenty-two'],
]
const ordinals = ['first', 'second', 'third', 'fourth']
const kinds: Record<string, string[]> = {
  'an animal': ['horse', 'rabbit', 'spider', 'dolphin'],
  'a colour': ['red', 'green', 'yellow', 'purple'],
  'a fruit': ['apple', 'banana', 'cherry', 'lemon'],
  'a day of the week': ['monday', 'tuesday', 'thursday', 'friday'],
}

/** What every page says of who is signed in. */
export class Header {
  readonly account: Locator
  readonly signIn: Locator

  constructor(readonly page: Page) {
    const banner = page.getByRole('banner')
    this.account = banner.locator('.account-menu > summary')
    this.signIn = banner.getByRole('link', { name: 'Sign in' })
  }

  async showsUser(name: string): Promise<void> {
    await expect(this.account).toHaveAccessibleName(`Account: ${name}`)
  }

  async signOut(): Promise<void> {
    await this.account.click()
    await this.page.getByRole('button', { name: 'Sign out' }).click()
    await expect(this.signIn).toBeVisible()
  }
}

/** Says who one is, in any of the forms that ask for it. */
async function fillIn(page: Page, { name, password }: Account): Promise<void> {
  await page.getByLabel('Username').fill(name)
  await page.getByLabel('Password', { exact: true }).fill(password)
}

/** The sign-in form. */
export class SignInPage {
  readonly send: Locator

  constructor(readonly page: Page) {
    this.send = page.getByRole('main').getByRole('button', { name: 'Sign in' })
  }

  async open(address = '/login'): Promise<void> {
    await open(this.page, address)
  }

  async signIn(account: Account): Promise<void> {
    await fillIn(this.page, account)
    await this.send.click()
  }
}

/** The registration form with its question for people. */
export class RegisterPage {
  readonly question: Locator
  readonly answer: Locator

  readonly header: Header

  constructor(readonly page: Page) {
    this.header = new Header(page)
    this.answer = page.locator('#answer')
    this.question = page.locator('label[for=answer]')
  }

  async open(address = '/register'): Promise<void> {
    await open(this.page, address)
  }

  /** Fills in the form as a person would, and sends it. */
  async register(account: Account, answer?: string): Promise<void> {
    await fillIn(this.page, account)
    await this.answer.fill(answer ?? (await this.think()))
    await this.page.getByRole('button', { name: 'Make the account' }).click()
  }

  /** Answers the question by reading it, and takes as long as reading takes: who is faster counts as a program. */
  private async think(): Promise<string> {
    const question = await this.question.innerText()
    await this.page.waitForTimeout(2_500)
    const sum = question.match(/What is ([\w-]+) (plus|minus) ([\w-]+)\?/)
    if (sum) {
      const [a, b] = [numbers.indexOf(sum[1] ?? ''), numbers.indexOf(sum[3] ?? '')]
      return String(sum[2] === 'plus' ? a + b : a - b)
    }
    const place = question.match(/What is the (\w+) of these words: (.+)\?/)
    if (place) return place[2]?.split(', ')[ordinals.indexOf(place[1] ?? '')] ?? ''
    const kind = question.match(/Which of these words is (.+): (.+)\?/)
    const members = kinds[kind?.[1] ?? ''] ?? []
    return kind?.[2]?.split(', ').find((word) => members.includes(word)) ?? ''
  }
}

/** The page that the console's one-time link opens. */
export class FirstAccountPage {
  constructor(readonly page: Page) {}

  async open(link: string): Promise<void> {
    await open(this.page, link)
  }

  async create(account: Account): Promise<void> {
    await fillIn(this.page, account)
    await this.page.getByRole('main').getByRole('button', { name: 'Make the first account' }).click()
  }
}

/** Registers somebody, who is signed in afterwards. */
export async function newcomer(page: Page): Promise<Account> {
  const account = { name: newName('ada'), password: newName('a-long-and-private-phrase-') }
  const register = new RegisterPage(page)
  await register.open()
  await register.register(account)
  await register.header.showsUser(account.name)
  return account
}
