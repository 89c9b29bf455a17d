import { RegisterPage } from '../pages/accounts'
import { EditorPage } from '../pages/editor'
import { UploadPage } from '../pages/upload'
import { type Page, type Region, expect, keeper, newName, open, test } from '../support/fixtures'
import { drawing } from '../support/pictures'

/** Keeps the saves of a page from reaching the server, or their answers from coming back, until what it returns is called. */
async function breakLine(page: Page, how: 'lose the answer' | 'reach nothing'): Promise<() => void> {
  // Taking the route away would send what it holds at that moment once more.
  let broken = true
  await page.route(/\/api\/picture\/\d+\/annotations$/, async (route) => {
    if (!broken || route.request().method() !== 'PUT') return route.continue()
    if (how === 'lose the answer') await route.fetch()
    await route.abort('connectionreset')
  })
  return () => {
    broken = false
  }
}

const drafts = (page: Page): Promise<string[]> =>
  page.evaluate(() => Object.keys(localStorage).filter((name) => name.startsWith('ocellus.draft')))

const left = (region: Region | undefined): number => (region?.shape as { x: number } | undefined)?.x ?? -1

test('an answer that gets lost neither doubles nor revives what is changed meanwhile', async ({ page, api, watch, studio }) => {
  watch.allow(/ERR_CONNECTION_RESET|412/)
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  await editor.drawBox([0.1, 0.1], [0.2, 0.2])
  await editor.pickObject(studio.object)
  await editor.saved()

  const mend = await breakLine(page, 'lose the answer')
  await editor.drawBox([0.3, 0.3], [0.5, 0.5])
  await editor.drawBox([0.6, 0.6], [0.8, 0.8])
  await expect(editor.saving).toContainText('Offline')
  // Whether the last box arrived as well depends on when the first try was made.
  await expect.poll(async () => (await api.annotations(studio.picture.id)).length).toBeGreaterThan(1)
  await editor.tool('Select')
  await editor.drag([0.4, 0.4], [0.45, 0.4])
  await editor.click([0.7, 0.7])
  await page.keyboard.press('Delete')
  mend()
  await editor.saved()
  const regions = await api.annotations(studio.picture.id)
  expect(regions.map((region) => Math.round(left(region) * 100))).toEqual([10, 35])
})

test('saving goes on by itself after signing in again elsewhere', async ({ page, context, api, watch, studio }) => {
  watch.allow(/401/)
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  const cookies = await context.cookies()
  await context.clearCookies()
  await editor.drawBox([0.2, 0.2], [0.5, 0.5])
  await editor.pickObject(studio.object)
  await expect(editor.saving).toContainText('Signed out')
  await context.addCookies(cookies)
  await page.evaluate(() => window.dispatchEvent(new Event('focus')))
  await editor.saved()
  expect(await api.annotations(studio.picture.id)).toHaveLength(1)
})

test('nobody else who signs in saves it as theirs', async ({ page, context, api, watch, studio }) => {
  watch.allow(/401/)
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  const cookies = await context.cookies()
  await context.clearCookies()
  const other = await context.newPage()
  const registration = new RegisterPage(other)
  await registration.open()
  await registration.register({ name: newName('other'), password: 'four-random-words-here' })
  await expect(registration.header.account).toBeVisible()
  await other.close()

  await editor.drawBox([0.2, 0.2], [0.5, 0.5])
  await editor.pickObject(studio.object)
  await expect(editor.saving).toContainText('Signed out')
  expect(await drafts(page)).toHaveLength(1)
  expect(await api.annotations(studio.picture.id)).toHaveLength(0)

  await context.clearCookies()
  await context.addCookies(cookies)
  await page.evaluate(() => window.dispatchEvent(new Event('focus')))
  await editor.saved()
  expect(await api.annotations(studio.picture.id)).toHaveLength(1)
})

test('a conflict that was left open is asked about again', async ({ page, context, api, watch, studio }) => {
  watch.allow(/412/)
  const question = 'Somebody else changed the same regions'
  const first = new EditorPage(page, studio.picture)
  await first.open()
  await first.drawBox([0.1, 0.1], [0.3, 0.3])
  await first.pickObject(studio.object)
  await first.saved()
  const second = new EditorPage(await context.newPage(), studio.picture)
  await second.open()
  await second.tool('Select')

  const moved = page.waitForResponse((response) => response.request().method() === 'PUT')
  await first.tool('Select')
  await first.drag([0.2, 0.2], [0.5, 0.2])
  await moved
  await second.drag([0.2, 0.2], [0.2, 0.6])
  await expect(second.page.getByRole('dialog', { name: question })).toBeVisible()
  second.page.on('dialog', (dialog) => void dialog.accept())
  await second.page.goto('about:blank')
  await second.page.close()

  const third = new EditorPage(await context.newPage(), studio.picture)
  await third.page.goto(`/picture/${studio.picture.id}/annotate`)
  const dialog = third.page.getByRole('dialog', { name: question })
  await expect(dialog).toBeVisible()
  expect((await api.annotations(studio.picture.id)).map((region) => Math.round(left(region) * 100))).toEqual([40])
  await dialog.getByRole('button', { name: 'Take all of theirs' }).click()
  await third.saved()
  expect((await api.annotations(studio.picture.id)).map((region) => Math.round(left(region) * 100))).toEqual([40])
  await expect.poll(() => drafts(third.page)).toEqual([])
})

test('what a closed tab left unsaved comes back, to the same person only, and the draft goes', async ({ page, context, api, watch, studio }) => {
  watch.allow(/ERR_CONNECTION_RESET/)
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  await breakLine(page, 'reach nothing')
  await editor.drawBox([0.2, 0.2], [0.5, 0.5])
  await editor.pickObject(studio.object)
  await expect(editor.saving).toContainText('Offline')
  expect(await drafts(page)).toHaveLength(1)

  // As long as its tab lives, nobody else takes the draft.
  const second = new EditorPage(await context.newPage(), studio.picture)
  await second.open()
  await expect(second.regions).toHaveCount(0)
  await second.page.close()
  // The page tries to save at the last moment, so it goes before its line is mended, which closing the tab would do.
  page.on('dialog', (dialog) => void dialog.accept())
  await page.goto('about:blank')
  await page.close()

  // Nobody else gets to see it.
  const cookies = await context.cookies()
  await context.clearCookies()
  const stranger = await context.newPage()
  const registration = new RegisterPage(stranger)
  await registration.open()
  await registration.register({ name: newName('other'), password: 'four-random-words-here' })
  await expect(registration.header.account).toBeVisible()
  const theirs = new EditorPage(stranger, studio.picture)
  await theirs.open()
  await expect(theirs.button('Box')).toBeVisible()
  await expect(theirs.regions).toHaveCount(0)
  expect(await drafts(stranger)).toHaveLength(1)
  await stranger.close()

  await context.clearCookies()
  await context.addCookies(cookies)
  const third = new EditorPage(await context.newPage(), studio.picture)
  await third.open()
  await expect(third.regions).toHaveCount(1)
  await third.saved()
  expect(await api.annotations(studio.picture.id)).toHaveLength(1)
  await expect.poll(() => drafts(third.page)).toEqual([])
})

test('leaving at once saves, and a sketch waits for the next visit', async ({ page, api, studio }) => {
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  await editor.drawBox([0.1, 0.1], [0.3, 0.3])
  await editor.pickObject(studio.object)
  await page.keyboard.press('Shift+ArrowRight', { delay: 0 })
  await editor.tool('Polygon')
  await editor.click([0.5, 0.5])
  await editor.click([0.7, 0.5])
  await page.getByRole('heading', { level: 1 }).getByRole('link').click()
  await expect(page).toHaveURL(/\/picture\/\d+$/)
  await expect.poll(async () => (await api.annotations(studio.picture.id)).length).toBe(1)

  await page.getByRole('link', { name: 'Annotate' }).first().click()
  await editor.ready()
  await expect(editor.button('Polygon')).toHaveAttribute('aria-pressed', 'true')
  await editor.click([0.6, 0.8])
  await page.keyboard.press('Enter')
  await editor.pickObject(studio.object)
  await editor.saved()
  const kinds = (await api.annotations(studio.picture.id)).map((region) => region.type)
  expect(kinds).toEqual(['bbox', 'polygon'])
  await expect.poll(() => drafts(page)).toEqual([])
})

test('a browser that keeps no copies says so', async ({ page, studio }) => {
  await page.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError')
    }
  })
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  await editor.drawBox([0.1, 0.1], [0.3, 0.3])
  await expect(page.getByText('cannot keep a copy of unsaved work').first()).toBeVisible()
})

test('the keyboard saves from the object field, and makes an object once', async ({ page, studio }) => {
  const made: string[] = []
  page.on('request', (request) => {
    if (request.url().includes('create_object')) made.push(request.url())
  })
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  await editor.drawBox([0.1, 0.1], [0.3, 0.3])
  await page.route(/create_object/, async (route) => {
    await new Promise((done) => setTimeout(done, 400))
    await route.continue()
  })
  const name = newName('Twice ')
  await editor.object.fill(name)
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await editor.saved()
  expect(made).toHaveLength(1)
  await expect(editor.object).toHaveValue(name)

  await page.clock.pauseAt(Date.now() + 1000)
  await editor.drawBox([0.5, 0.5], [0.7, 0.7])
  await editor.object.focus()
  // With a clock that stands still, nothing is saved by the mere passing of time.
  const sent = page.waitForRequest((request) => request.method() === 'PUT')
  await page.keyboard.press('Control+s')
  await sent
  await page.clock.resume()
  await editor.saved()
})

test('the toolbar is one stop for the keyboard, and what is said twice is heard twice', async ({ page, studio }) => {
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  const toolbar = page.getByRole('toolbar')
  await expect(toolbar.locator('button[tabindex="0"]')).toHaveCount(1)
  await editor.button('Select').focus()
  await page.keyboard.press('ArrowDown')
  await expect(editor.button('Box')).toBeFocused()
  await page.keyboard.press('End')
  await expect(editor.button('Shortcuts')).toBeFocused()
  await page.keyboard.press('ArrowRight')
  await expect(editor.button('Select')).toBeFocused()
  await expect(toolbar.locator('button[tabindex="0"]')).toHaveCount(1)

  await editor.drawBox([0.1, 0.1], [0.3, 0.3])
  await page.keyboard.press('Escape')
  await editor.button('Undo').focus()
  await page.keyboard.press('Enter')
  await expect(editor.button('Undo')).toBeDisabled()
  await expect(editor.button('Undo')).toBeFocused()

  const heard = page.locator('p[aria-live="polite"]')
  await page.keyboard.press('Control+s')
  await expect.poll(() => heard.allTextContents()).toContain('Everything is saved')
  const before = await heard.allTextContents()
  await page.keyboard.press('Control+s')
  await expect.poll(() => heard.allTextContents()).toEqual(before.reverse())
})

test('leaving asks while pictures are being uploaded', async ({ page, api, watch }) => {
  watch.allow(/ERR_FAILED/)
  await api.signIn(keeper)
  await page.route('**/api/upload', async (route) => {
    await new Promise((done) => setTimeout(done, 5_000))
    await route.continue().catch(() => undefined)
  })
  const upload = new UploadPage(page)
  await upload.open()
  await upload.choose([drawing('slow.png')])
  await page.getByRole('button', { name: 'Upload', exact: true }).click()
  const asked: string[] = []
  let answer = false
  page.on('dialog', (dialog) => {
    asked.push(dialog.message())
    void (answer ? dialog.accept() : dialog.dismiss())
  })
  const away = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Objects' })
  await away.click()
  await expect(page).toHaveURL(/\/upload$/)
  expect(asked).toEqual(['Pictures are still being uploaded. Leave and stop them?'])
  answer = true
  await away.click()
  await expect(page).toHaveURL(/\/objects$/)
  await expect(page.getByText('1 picture was not sent')).toBeVisible()
})

test('an address is decoded once', async ({ page }) => {
  const next = '/query?query=want%3A%20%5B%7Btitle%3A%20%22%25ca%25%22%7D%5D'
  await open(page, `/login?next=${encodeURIComponent(next)}`)
  await expect(page.locator('input[name=next]')).toHaveValue(next)
  await open(page, `/objects?search=${encodeURIComponent('100%25')}`)
  await expect(page.getByLabel('Search objects')).toHaveValue('100%25')
})
