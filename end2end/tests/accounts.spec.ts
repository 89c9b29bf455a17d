import { FirstAccountPage, Header, RegisterPage, SignInPage } from '../pages/accounts'
import { expect, keeper, newName, open, test } from '../support/fixtures'
import { Server } from '../support/server'

test('the first account is made with the link that the console shows, and only once', async ({ page, watch }) => {
  const site = await Server.create()
  try {
    await site.start()
    const link = site.output.match(/http:\/\/127\.0\.0\.1:\d+\/setup\S*/)?.[0]
    expect(link, `the console shows a link:\n${site.output}`).toBeTruthy()

    // Whoever comes before there is any account is led to the page for the first one.
    await new SignInPage(page).open(`${site.url}/login`)
    await expect(page.getByRole('link', { name: 'Register' })).toHaveCount(0)
    await page.getByRole('link', { name: 'Make the first account' }).click()
    await expect(page.getByText('The address lacks its token', { exact: false })).toBeVisible()
    await open(page, `${site.url}/register`)
    await expect(page.getByRole('link', { name: 'Make the first account' })).toBeVisible()

    const setup = new FirstAccountPage(page)
    await setup.open(link ?? '')
    await setup.create({ name: 'founder', password: 'the-very-first-of-all' })
    await new Header(page).showsUser('founder')

    await page.context().clearCookies()
    // A link that was used, and one that never was, make nobody an administrator.
    watch.allow(/40[0-9]/)
    for (const worthless of [link ?? '', `${site.url}/setup?token=guessed`]) {
      await setup.open(worthless)
      await setup.create({ name: 'intruder', password: 'the-very-second-of-all' })
      await expect(page.getByRole('main').getByRole('alert').filter({ hasText: /link/ }).first()).toBeVisible()
      expect((await fetch(`${site.url}/api/user/intruder/`)).status).toBe(404)
    }
  } finally {
    await site.remove()
  }
})

test('people sign in, stay signed in when the server restarts, and sign out', async ({ page, watch }) => {
  const site = await Server.create()
  try {
    await site.start()
    await site.addUser('ada', 'counts-with-engines')
    const header = new Header(page)
    const signIn = new SignInPage(page)
    await signIn.open(`${site.url}/login?next=%2Fobjects`)
    await signIn.signIn({ name: 'ada', password: 'counts-with-engines' })
    await expect(page).toHaveURL(`${site.url}/objects`)
    await header.showsUser('ada')

    await site.stop()
    await site.start()
    await open(page, `${site.url}/`)
    await header.showsUser('ada')

    await header.signOut()
    watch.allow(/401/)
    await open(page, `${site.url}/account`)
    await expect(page.getByRole('main').getByRole('link', { name: 'Sign in' })).toBeVisible()
  } finally {
    await site.remove()
  }
})

test('a wrong password and an unknown user get the same answer', async ({ page, watch }) => {
  watch.allow(/401/)
  const signIn = new SignInPage(page)
  await signIn.open()
  await signIn.signIn({ name: keeper.name, password: 'not-the-password' })
  const alert = page.getByRole('main').getByRole('alert').filter({ hasText: /\S/ })
  const refusal = await alert.first().innerText()
  await expect(signIn.send).toBeFocused()
  await signIn.open()
  await signIn.signIn({ name: newName('nobody'), password: 'not-the-password' })
  await expect(alert.first()).toHaveText(refusal)
})

test('who comes back to the form after a refusal finds it without one', async ({ page, watch }) => {
  watch.allow(/401/)
  const signIn = new SignInPage(page)
  await signIn.open()
  await signIn.signIn({ name: keeper.name, password: 'not-the-password' })
  const refusal = page.getByRole('main').getByRole('alert').filter({ hasText: /wrong/ })
  await expect(refusal).toBeVisible()
  await page.getByRole('banner').getByRole('link', { name: 'Objects', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Objects', level: 1 })).toBeVisible()
  await new Header(page).signIn.click()
  await expect(signIn.send).toBeVisible()
  await expect(refusal).toHaveCount(0)
})

test('after signing in nobody is led away from the site', async ({ page }) => {
  const signIn = new SignInPage(page)
  await signIn.open('/login?next=https%3A%2F%2Fexample.org%2F')
  await signIn.signIn(keeper)
  await new Header(page).showsUser(keeper.name)
  expect(new URL(page.url()).origin).toBe(process.env.E2E_URL)
})

test('registering refuses weak passwords, taken names and wrong answers beside the field', async ({ page, watch }) => {
  watch.allow(/40[09]|422/)
  const register = new RegisterPage(page)
  await register.open()
  await register.register({ name: newName('bob'), password: 'short' })
  await expect(page.locator('#password-error')).toContainText('10 characters')

  await register.open()
  await register.register({ name: newName('bob'), password: 'password123' })
  await expect(page.locator('#password-error')).toContainText(/common/i)

  await register.open()
  await register.register({ name: keeper.name, password: 'a-decent-long-phrase' })
  await expect(page.locator('#username-error')).toContainText(/taken|exists/i)

  await register.open()
  await register.register({ name: newName('bob'), password: 'a-decent-long-phrase' }, 'surely not')
  await expect(page.locator('#answer-error')).toContainText(/\S/)
})

test('registering tells all that is wrong at once, and goes to the first of it with a new question', async ({ page, watch }) => {
  watch.allow(/40[09]|422/)
  const register = new RegisterPage(page)
  await register.open()
  const question = page.locator('input[name="challenge"]')
  const asked = await question.inputValue()
  await register.register({ name: 'E v', password: 'password12' }, 'zzz')
  for (const field of ['username', 'password', 'answer']) await expect(page.locator(`#${field}-error`)).toContainText(/\S/)
  await expect(page.getByLabel('Username')).toBeFocused()
  await expect(question).not.toHaveValue(asked)
  await expect(register.answer).toHaveValue('')
  await expect(page.locator('#answer-hint')).toContainText('new question')
  await expect(page.getByLabel('Username')).toHaveValue('E v')

  // The keyboard goes to the first field that is still wrong, not merely to the first.
  await register.register({ name: newName('bob'), password: 'password12' }, 'zzz')
  await expect(page.locator('#username-error')).toHaveText('')
  await expect(page.getByLabel('Password', { exact: true })).toBeFocused()
})
