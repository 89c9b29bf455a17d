import { Header, RegisterPage, SignInPage } from '../pages/accounts'
import { AdministrationPage, ResetPage } from '../pages/administration'
import { type Account, expect, keeper, newName, open, test } from '../support/fixtures'

test('an administrator suspends somebody, lets them in again, and helps with a forgotten password', async ({ page, elsewhere, baseURL, api, watch }) => {
  // Who is suspended is refused, and so are a short password and a link that has been used.
  watch.allow(/answer (401|400|404).*\/(fn\/login|fn\/reset_password|reset\?token=)/, /Failed to load resource.*\/(fn\/login|fn\/reset_password|reset\?token=)/)
  const ada: Account = { name: newName('ada'), password: newName('a-long-and-private-phrase-') }
  const theirs = await elsewhere()
  const registration = new RegisterPage(theirs)
  await registration.open()
  await registration.register(ada)
  const header = registration.header
  await header.showsUser(ada.name)

  await api.signIn(keeper)
  const administration = new AdministrationPage(page)
  await administration.open()
  await administration.find(ada.name)
  await expect(administration.state).toContainText('Active')
  const suspend = await administration.unfold('Suspend')
  await expect(suspend).toContainText('signed out everywhere at once')
  await suspend.getByLabel(/^Reason/).fill('Has posted advertisements.')
  await suspend.getByRole('button', { name: 'Suspend' }).click()
  await expect(administration.state).toContainText('Suspended since')

  await open(theirs, '/')
  await expect(header.signIn).toBeVisible()
  const signIn = new SignInPage(theirs)
  await signIn.open()
  await signIn.signIn(ada)
  const refusal = theirs.getByRole('main').getByRole('alert').filter({ hasText: /\S/ })
  await expect(refusal.first()).toContainText('suspended')

  const restore = await administration.unfold('Let in again')
  await restore.getByRole('button', { name: 'Let in again' }).click()
  await expect(administration.state).toContainText('Active')
  const link = await administration.makeResetLink()

  const reset = new ResetPage(theirs)
  await reset.open(link)
  await expect(theirs.getByRole('main')).toContainText(ada.name)
  await reset.set('password123')
  await expect(theirs.locator('#password-error')).toContainText(/common/i)
  const renewed: Account = { name: ada.name, password: newName('another-long-phrase-') }
  await reset.set(renewed.password)
  await header.showsUser(ada.name)
  await expect(theirs).toHaveURL(`${baseURL}/`)

  await header.signOut()
  await reset.open(link)
  await expect(theirs.getByRole('note')).toContainText('has been used or has expired')
  await signIn.open()
  await signIn.signIn(renewed)
  await header.showsUser(ada.name)

  // What is shown once is not shown again.
  await open(page, page.url())
  await expect(page.getByRole('note')).toContainText('shown once')
  await expect(page.getByRole('textbox', { name: 'Link' })).toHaveCount(0)
  const entries = await administration.openLog(ada.name)
  await expect(entries).toHaveText([/Reset link made/, /User restored/, /User suspended.*Has posted advertisements\./])
  for (const entry of await entries.all()) await expect(entry).toContainText(keeper.name)
})

test('only administrators see their pages', async ({ page, watch }) => {
  watch.allow(/40[13]/)
  await open(page, '/administration')
  await expect(page.getByRole('main').getByRole('link', { name: 'Sign in' })).toBeVisible()
  const registration = new RegisterPage(page)
  await registration.open()
  await registration.register({ name: newName('bob'), password: newName('a-long-and-private-phrase-') })
  await expect(new Header(page).account).toBeVisible()
  for (const path of ['/administration', '/administration/log', `/administration/user/${keeper.name}`]) {
    await open(page, path)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('You may not do this')
  }
})

test('a refusal is told in the form that was sent', async ({ page, api, watch }) => {
  // The keeper is the only administrator, unless another story has made one.
  watch.allow(/409/)
  await api.signIn(keeper)
  const administration = new AdministrationPage(page)
  await administration.openUser(keeper.name)
  const part = await administration.unfold('Take the role of an administrator away')
  await part.getByRole('button', { name: 'Take the role away' }).click()
  await expect(page.getByRole('main').getByRole('alert').filter({ hasText: 'The site needs an administrator' })).toBeVisible()
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('a link to a new password is made and used', async ({ page, elsewhere, api, watch }) => {
    watch.allow(/ocellus\.js.*csp/)
    const theirs = await elsewhere({ javaScriptEnabled: true })
    const registration = new RegisterPage(theirs)
    await registration.open()
    const ada: Account = { name: newName('ada'), password: newName('a-long-and-private-phrase-') }
    await registration.register(ada)
    await registration.header.showsUser(ada.name)

    await api.signIn(keeper)
    await page.goto(`/administration/user/${ada.name}`)
    const link = await new AdministrationPage(page).makeResetLink()
    await page.context().clearCookies()
    await page.goto(link)
    await new ResetPage(page).set(newName('another-long-phrase-'))
    await new Header(page).showsUser(ada.name)
  })
})
