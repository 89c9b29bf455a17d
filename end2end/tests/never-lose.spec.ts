import { RegisterPage } from '../pages/accounts'
import { EditorPage } from '../pages/editor'
import { UploadPage } from '../pages/upload'
import { Api, type Page, type Picture, type Region, expect, keeper, newName, open, test } from '../support/fixtures'
import { holdDatabase, overWriting, unsavedLogs } from '../support/log'
import { drawing } from '../support/pictures'
import { Server } from '../support/server'

/** Keeps the saves of a page from reaching the server, or their answers from coming back, until what it returns is called. */
async function breakLine(page: Page, how: 'lose the answer' | 'reach nothing'): Promise<() => void> {
  // Taking the route away would send what it holds at that moment once more.
  let broken = true
  await page.route(/\/annotations\/delta$/, async (route) => {
    if (!broken) return route.continue()
    if (how === 'lose the answer') await route.fetch()
    await route.abort('connectionreset')
  })
  return () => {
    broken = false
  }
}

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
  await editor.savedAfterTrouble()
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

test('who is signed out meanwhile signs in again in a dialog, and nothing is gone', async ({ page, context, api, watch, studio }) => {
  watch.allow(/401/)
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  await context.clearCookies()
  await editor.drawBox([0.2, 0.2], [0.5, 0.5])
  await editor.pickObject(studio.object)
  await expect(editor.saving).toContainText('Signed out')
  // The button stays what it is, and keeps the keyboard, while more waits and is tried once more.
  await editor.button(`Sign in again as ${keeper.name}`).focus()
  const refused = page.waitForResponse(/annotations\/delta$/)
  await page.keyboard.press('Control+s')
  await refused
  await expect(editor.saving).toContainText('Signed out')
  await expect(editor.button(`Sign in again as ${keeper.name}`)).toBeFocused()
  await editor.drawBox([0.6, 0.6], [0.8, 0.8])
  await editor.button(`Sign in again as ${keeper.name}`).click()
  const dialog = page.getByRole('dialog', { name: 'Sign in again' })
  const password = dialog.getByLabel(`Password of ${keeper.name}`)
  await password.fill('not-this-one-surely')
  await password.press('Enter')
  await expect(dialog).toContainText('wrong')
  await expect(password).toBeFocused()
  await password.fill(keeper.password)
  await dialog.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(dialog).toBeHidden()
  await editor.saved()
  await expect(editor.regions).toHaveCount(2)
  expect(await api.annotations(studio.picture.id)).toHaveLength(2)
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
  expect(await unsavedLogs(page)).toHaveLength(1)
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

  const moved = page.waitForResponse(/annotations\/delta$/)
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
  const drawing = dialog.getByRole('img', { name: 'Both shapes on the picture' })
  await expect(drawing.locator('.conflict-line')).toHaveCount(2)
  await expect(drawing.locator('.is-theirs')).toHaveAttribute('d', /^M0\.4/)
  expect((await api.annotations(studio.picture.id)).map((region) => Math.round(left(region) * 100))).toEqual([40])
  await dialog.getByRole('button', { name: 'Take all of theirs' }).click()
  await third.saved()
  expect((await api.annotations(studio.picture.id)).map((region) => Math.round(left(region) * 100))).toEqual([40])
  await expect.poll(() => unsavedLogs(third.page)).toEqual([])
})

test('what a closed tab left unsaved comes back, to the same person only', async ({ page, context, api, watch, studio }) => {
  watch.allow(/ERR_CONNECTION_RESET/)
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  await breakLine(page, 'reach nothing')
  await editor.drawBox([0.2, 0.2], [0.5, 0.5])
  await editor.pickObject(studio.object)
  await expect(editor.saving).toContainText('Offline')
  expect(await unsavedLogs(page)).toHaveLength(1)

  // As long as its tab lives, nobody else takes the log.
  const second = new EditorPage(await context.newPage(), studio.picture)
  await second.open()
  await expect(second.regions).toHaveCount(0)
  await second.page.close()
  page.on('dialog', (dialog) => void dialog.accept())
  // The page tries to save at the last moment, and what is sent while a page goes may slip past a route.
  await page.evaluate(() => {
    window.fetch = () => Promise.reject(new TypeError('there is no line'))
  })
  await page.goto('about:blank')
  await page.close()
  expect(await api.annotations(studio.picture.id)).toEqual([])

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
  expect(await unsavedLogs(stranger)).toHaveLength(1)
  await stranger.close()

  await context.clearCookies()
  await context.addCookies(cookies)
  const third = new EditorPage(await context.newPage(), studio.picture)
  await third.open()
  await expect(third.regions).toHaveCount(1)
  await third.saved()
  expect(await api.annotations(studio.picture.id)).toHaveLength(1)
  await expect.poll(() => unsavedLogs(third.page)).toEqual([])
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
  await expect.poll(() => unsavedLogs(page)).toEqual([])
})

for (const how of ['refuses', 'never answers'] as const) {
  test(`a browser that keeps no copies says so: it ${how}`, async ({ page, studio }) => {
    await page.addInitScript((how) => {
      const open = IDBFactory.prototype.open
      IDBFactory.prototype.open = function (...names) {
        if (how === 'refuses') throw new DOMException('no', 'SecurityError')
        const request = open.apply(this, names)
        for (const event of ['success', 'error', 'upgradeneeded', 'blocked']) {
          request.addEventListener(event, (happened) => happened.stopImmediatePropagation())
        }
        return request
      }
    }, how)
    const editor = new EditorPage(page, studio.picture)
    await editor.open()
    await editor.drawBox([0.1, 0.1], [0.3, 0.3])
    await expect(page.getByText('cannot keep a copy of unsaved work').first()).toBeVisible()
  })
}

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
  const sent = page.waitForRequest(/annotations\/delta$/)
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

test('what was done is undone and made again after a reload', async ({ page, api, studio }) => {
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  await editor.drawBox([0.1, 0.1], [0.3, 0.3])
  await editor.pickObject(studio.object)
  await editor.tool('Select')
  await editor.drag([0.2, 0.2], [0.5, 0.2])
  await editor.saved()
  await page.reload()
  await editor.ready()
  await expect(editor.button('Undo')).toBeEnabled()
  await page.keyboard.press('Control+z')
  await editor.saved()
  expect((await api.annotations(studio.picture.id)).map((region) => Math.round(left(region) * 100))).toEqual([10])
  await page.reload()
  await editor.ready()
  await expect(editor.button('Redo')).toBeEnabled()
  await page.keyboard.press('Control+Shift+z')
  await editor.saved()
  const [region] = await api.annotations(studio.picture.id)
  expect(Math.round(left(region) * 100)).toBe(40)
})

test('a tab that crashes loses nothing', async ({ page, context, api, watch, studio }) => {
  watch.allow(/ERR_CONNECTION_RESET/)
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  await breakLine(page, 'reach nothing')
  await editor.drawBox([0.1, 0.1], [0.3, 0.3])
  await editor.pickObject(studio.object)
  await editor.drawBox([0.4, 0.4], [0.6, 0.6])
  await editor.tool('Polygon')
  await editor.click([0.7, 0.7])
  await editor.click([0.9, 0.7])
  await expect(editor.saving).toContainText('Offline')
  const devtools = await context.newCDPSession(page)
  const crashed = page.waitForEvent('crash')
  devtools.send('Page.crash').catch(() => undefined)
  await crashed

  const later = new EditorPage(await context.newPage(), studio.picture)
  await later.open()
  await expect(later.regions).toHaveCount(2)
  await expect(later.button('Polygon')).toHaveAttribute('aria-pressed', 'true')
  await later.click([0.8, 0.9])
  await later.page.keyboard.press('Enter')
  await later.pickObject(studio.object)
  await later.saved()
  expect(await api.annotations(studio.picture.id)).toHaveLength(3)
})

test('a gesture is sent as a small change, not as the whole list', async ({ page, api, studio }) => {
  const region = (x: number) => ({ type: 'bbox', shape: { x, y: 0.1, w: 0.1, h: 0.1 }, object: studio.object })
  await api.put(`/picture/${studio.picture.id}/annotations`, [region(0.1), region(0.3), region(0.5)])
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  const sent = page.waitForRequest(/annotations\/delta$/)
  await editor.drag([0.35, 0.15], [0.55, 0.5])
  const { changes } = (await sent).postDataJSON() as { changes: unknown[] }
  expect(changes).toHaveLength(1)
  await editor.saved()
  const lefts = (await api.annotations(studio.picture.id)).map((region) => Math.round(left(region) * 100))
  expect(lefts).toEqual([10, 50, 50])
})

test('the server restarts while somebody draws', async ({ page, context, watch }) => {
  watch.allow(/ERR_CONNECTION_REFUSED|ERR_SOCKET_NOT_CONNECTED|ERR_CONNECTION_RESET/)
  const site = await Server.create()
  try {
    await site.start()
    await site.addUser('ada', 'counts-with-engines')
    const api = new Api(context, site.url)
    await api.signIn({ name: 'ada', password: 'counts-with-engines' })
    await api.newObject('Engine')
    const picture = await api.upload(drawing('engine.png'))
    const editor = new EditorPage(page, picture)
    await editor.open(site.url)
    await site.stop()
    await editor.drawBox([0.1, 0.1], [0.3, 0.3])
    await editor.pickObject('Engine')
    await expect(editor.saving).toContainText('Offline')
    await editor.drawBox([0.5, 0.5], [0.7, 0.7])
    await site.start()
    await editor.savedAfterTrouble()
    expect(await api.annotations(picture.id)).toHaveLength(2)
  } finally {
    await site.remove()
  }
})

test('an object that was merged meanwhile gives its regions to the other one', async ({ page, api, studio }) => {
  const survivor = newName('Survivor ')
  await api.newObject(survivor)
  const editor = new EditorPage(page, studio.picture)
  await editor.open()
  await editor.drawBox([0.1, 0.1], [0.3, 0.3])
  await editor.pickObject(studio.object)
  await editor.saved()
  await api.post(`/object/${encodeURIComponent(studio.object)}/merge`, { into: survivor })
  await editor.drawBox([0.5, 0.5], [0.7, 0.7])
  await editor.saved()
  const objects = (await api.annotations(studio.picture.id)).map((region) => region.object)
  expect(objects).toEqual([survivor, survivor])
  await expect(editor.regions.last()).toContainText(survivor)
})

/** An editor with a box that has no object yet, and is therefore in the browser alone. */
async function drawnUnlabelled(page: Page, picture: Picture): Promise<EditorPage> {
  const editor = new EditorPage(page, picture)
  await editor.open()
  await editor.drawBox([0.2, 0.2], [0.5, 0.5])
  await expect.poll(() => unsavedLogs(page)).toHaveLength(1)
  return editor
}

test('a log that nothing could be written to any more does not bring back what has arrived', async ({ page, api, studio }) => {
  const writing = await overWriting(page)
  const editor = await drawnUnlabelled(page, studio.picture)
  await writing({ fails: true })
  await editor.pickObject(studio.object)
  await editor.saved()
  await page.reload()
  await editor.ready()
  await expect.poll(() => unsavedLogs(page)).toEqual([])
  await editor.saved()
  await expect(editor.regions).toHaveCount(1)
  expect(await api.annotations(studio.picture.id)).toHaveLength(1)
})

test('what could not be written while earlier work was taken over is written later, and the old log goes with it', async ({
  page,
  context,
  api,
  studio,
}) => {
  await drawnUnlabelled(page, studio.picture)
  const old = await unsavedLogs(page)
  await page.close({ runBeforeUnload: false })

  const later = new EditorPage(await context.newPage(), studio.picture)
  const writing = await overWriting(later.page)
  await later.page.addInitScript(() => Object.assign((window as unknown as { writing: object }).writing, { fails: true }))
  await later.open()
  await expect(later.regions).toHaveCount(1)
  await expect(later.page.getByText('cannot keep a copy of unsaved work').first()).toBeVisible()
  expect(await unsavedLogs(later.page)).toEqual(old)
  // As long as nothing else has it, nobody takes the old log.
  const second = new EditorPage(await context.newPage(), studio.picture)
  await second.open()
  await expect(second.button('Box')).toBeVisible()
  await expect(second.regions).toHaveCount(0)
  await second.page.close()

  await writing({ fails: false })
  await later.tool('Select')
  await later.drag([0.35, 0.35], [0.4, 0.35])
  await expect.poll(() => unsavedLogs(later.page)).not.toEqual(old)
  expect(await unsavedLogs(later.page)).toHaveLength(1)
  await later.pickObject(studio.object)
  await later.saved()
  await expect.poll(() => unsavedLogs(later.page)).toEqual([])
  await later.page.reload()
  await later.ready()
  await expect(later.regions).toHaveCount(1)
  expect(await api.annotations(studio.picture.id)).toHaveLength(1)
})

test('who draws before the browser has opened its database gets earlier work as soon as the new is saved', async ({
  page,
  context,
  api,
  studio,
}) => {
  await drawnUnlabelled(page, studio.picture)
  await page.close({ runBeforeUnload: false })

  const later = new EditorPage(await context.newPage(), studio.picture)
  const letGo = await holdDatabase(later.page)
  await later.open()
  await later.drawBox([0.6, 0.6], [0.8, 0.8])
  await letGo()
  await expect(later.page.getByText('comes back once what you draw now is saved').first()).toBeAttached()
  await later.pickObject(studio.object)
  await expect(later.regions).toHaveCount(2)
  expect(await api.annotations(studio.picture.id)).toHaveLength(1)
  await later.tool('Select')
  await later.click([0.35, 0.35])
  await later.pickObject(studio.object)
  await later.saved()
  expect(await api.annotations(studio.picture.id)).toHaveLength(2)
  await expect.poll(() => unsavedLogs(later.page)).toEqual([])
})
