import { expect, keeper, newName, test } from '../support/fixtures'
import { drawing } from '../support/pictures'

test.use({ javaScriptEnabled: false })

// A browser without JavaScript does not preload it either, and says so.
test.beforeEach(({ watch }) => watch.allow(/ocellus\.js.*csp/))

test('pages can be read, queried and signed in to without JavaScript', async ({ page, browser, baseURL, api }) => {
  // The picture comes from another browser: this one is not signed in yet.
  await api.signIn(keeper)
  const title = newName('plain ')
  const picture = await api.upload(drawing('plain.png'), { title })
  await page.context().clearCookies()
  expect(browser.isConnected()).toBe(true)

  await page.goto('/')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expect(page.getByRole('link', { name: title }).first()).toBeVisible()

  await page.goto(`/picture/${picture.id}`)
  await expect(page.getByRole('heading', { name: title })).toBeVisible()
  await expect(page.getByRole('main').getByRole('img').first()).toBeVisible()

  await page.goto(`/query?query=${encodeURIComponent(`want: [{title: "${title}"}]`)}`)
  await expect(page.getByRole('link', { name: title }).first()).toBeVisible()

  await page.goto(`/login?next=${encodeURIComponent('/objects')}`)
  await page.getByLabel('Username').fill(keeper.name)
  await page.getByLabel('Password', { exact: true }).fill(keeper.password)
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL(`${baseURL}/objects`)
  await expect(page.getByRole('banner').locator('.account-menu > summary')).toHaveAccessibleName(`Account: ${keeper.name}`)
})

test('a wrong password without JavaScript leads back to the form with its message', async ({ page }) => {
  await page.goto('/login')
  await page.getByLabel('Username').fill(keeper.name)
  await page.getByLabel('Password', { exact: true }).fill('not-the-password')
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL(/\/login/)
  await expect(page.getByRole('alert').filter({ hasText: /\S/ }).first()).toBeVisible()
})
