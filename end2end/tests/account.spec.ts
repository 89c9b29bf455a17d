import { AccountPage } from '../pages/account'
import { Header, newcomer } from '../pages/accounts'
import { PicturePage } from '../pages/picture'
import { Api, expect, hydrated, keeper, newName, open, test } from '../support/fixtures'
import { drawing } from '../support/pictures'

/** The status that a program gets which comes with a token. */
async function status(baseURL: string | undefined, token: string): Promise<number> {
  const answer = await fetch(`${baseURL}/api/object/?limit=1`, { headers: { authorization: `Bearer ${token}` } })
  return answer.status
}

test('another password signs the other browsers out, and this one stays', async ({ page, elsewhere, baseURL, watch }) => {
  test.slow()
  watch.allow(/400/)
  const account = await newcomer(page)
  const other = await elsewhere()
  await new Api(other.context(), baseURL ?? '').signIn(account)
  await open(other, '/')
  await new Header(other).showsUser(account.name)

  const own = new AccountPage(page)
  await own.open()
  // The head, this one and the other one.
  await expect(own.sessions).toHaveCount(3)
  await expect(own.sessions.filter({ hasText: 'this one' })).toHaveCount(1)
  await expect(page.getByRole('button', { name: /^End the session of / })).toHaveCount(1)

  await own.changePassword('not-the-password-at-all', 'short')
  await expect(page.locator('#current_password-error')).toContainText('not your password')
  await expect(page.locator('#password-error')).toContainText('10 characters')

  await own.changePassword(account.password, 'twelve quiet herons at noon')
  await expect(page).toHaveURL(/\/account\?done=password$/)
  await expect(page.getByText('Your password is changed.')).toBeVisible()
  await expect(page.getByRole('button', { name: /^End the session of / })).toHaveCount(0)
  await new Header(page).showsUser(account.name)

  await other.reload()
  await hydrated(other)
  await expect(new Header(other).signIn).toBeVisible()
})

test('one ends a session in another browser', async ({ page, elsewhere, baseURL }) => {
  test.slow()
  const account = await newcomer(page)
  const other = await elsewhere()
  await new Api(other.context(), baseURL ?? '').signIn(account)
  const own = new AccountPage(page)
  await own.open()
  await page.getByRole('button', { name: /^End the session of / }).click()
  await expect(page.getByRole('button', { name: /^End the session of / })).toHaveCount(0)
  await expect(own.announced).toHaveText('The session has ended.')
  await expect(page.getByRole('heading', { name: 'Sessions' })).toBeFocused()
  await open(other, '/')
  await expect(new Header(other).signIn).toBeVisible()
  await page.reload()
  await new Header(page).showsUser(account.name)
})

test('a token is shown once, works, and does not after it was revoked', async ({ page, context, baseURL }) => {
  test.slow()
  await newcomer(page)
  const own = new AccountPage(page)
  await open(page, '/account/token')
  const secret = await own.makeToken('nightly upload', 'read')
  await expect(page.getByRole('status').filter({ hasText: 'shown only this once' })).toBeVisible()
  await expect(page.locator('#new-token')).toBeFocused()
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.getByRole('button', { name: 'Copy' }).click()
  await expect(page.getByText('The token is on the clipboard.')).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(secret)
  expect(await status(baseURL, secret)).toBe(200)

  await page.getByRole('link', { name: 'Done' }).click()
  const row = own.tokens.filter({ hasText: 'nightly upload' })
  await expect(row).toContainText('read')
  await expect(row).not.toContainText('not yet')
  await expect(page.getByText(secret)).toHaveCount(0)
  await own.revokeToken('nightly upload')
  await expect(own.announced).toHaveText('The token is revoked.')
  await expect(page.getByRole('heading', { name: 'API tokens' })).toBeFocused()
  expect(await status(baseURL, secret)).toBe(401)
})

test('who closes the account leaves the pictures behind under another name', async ({ page, api, baseURL, watch }) => {
  test.slow()
  watch.allow(/40[019]/)
  const account = await newcomer(page)
  const picture = await api.upload(drawing('leaving.png'))
  const own = new AccountPage(page)
  await own.open()
  await page.getByRole('link', { name: 'Close the account' }).click()
  await expect(page.getByText('What becomes of your picture?')).toBeVisible()

  await own.close('not-the-password-at-all', /under another name/)
  await expect(page.locator('#password-error')).toContainText('not your password')
  await expect(page.locator('#attribution-error')).toContainText(/must not be empty/i)

  await own.close(account.password, /under another name/, 'Ada Lovelace')
  await expect(page).toHaveURL(/\/user\/deleted-\d+$/)
  await expect(page.getByText('Closed account')).toBeVisible()
  await expect(new Header(page).signIn).toBeVisible()

  const shown = new PicturePage(page)
  await shown.open(picture.id)
  await expect(shown.section('Attribution')).toContainText('by Ada Lovelace')
  await expect(page.getByText('Ada Lovelace', { exact: true })).toBeVisible()
  await expect(page.getByRole('link', { name: /^deleted-\d+$/ })).toHaveAttribute('href', /\/user\/deleted-\d+$/)
  const answer = await page.context().request.post(`${baseURL}/api/login`, {
    data: { username: account.name, password: account.password },
    headers: { origin: baseURL ?? '' },
  })
  expect(answer.status()).toBe(401)
})

test('the page of a user tells what they have done', async ({ page, api }) => {
  test.slow()
  const account = await newcomer(page)
  const object = newName('Thing ')
  await api.newObject(object)
  const picture = await api.upload(drawing('told.png'))
  await api.post(`/picture/${picture.id}/annotations`, [{ type: 'point', shape: { x: 0.5, y: 0.5 }, object }])
  await api.post('/new-gallery', { title: newName('Kept ') })
  await open(page, `/user/${account.name}`)
  await expect(page.getByText(/^Joined on /)).toBeVisible()
  await expect(page.getByText('1 region drawn')).toBeVisible()
  await expect(page.getByRole('region', { name: 'Galleries' }).getByRole('listitem')).toHaveCount(1)
  const done = page.getByRole('region', { name: 'Contributions' }).getByRole('listitem')
  await expect(done).toHaveCount(1)
  await expect(done).toContainText('1 added')
  await expect(done.getByRole('link')).toHaveAttribute('href', `/picture/${picture.id}`)
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })
  test.beforeEach(({ watch }) => watch.allow(/ocellus\.js.*csp/))

  test('a token is shown once all the same', async ({ page, api, baseURL }) => {
    await api.signIn(keeper)
    const own = new AccountPage(page)
    const name = newName('plain ')
    await page.goto('/account/token')
    const secret = await own.makeToken(name, 'read')
    expect(await status(baseURL, secret)).toBe(200)
    await page.goto('/account/token')
    await expect(page.getByText(secret)).toHaveCount(0)
    await page.goto('/account')
    await own.revokeToken(name)
    expect(await status(baseURL, secret)).toBe(401)
  })
})
