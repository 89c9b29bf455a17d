import type { Locator } from '@playwright/test'
import { Header, SignInPage, newcomer } from '../pages/accounts'
import { EditorPage } from '../pages/editor'
import { FlowBar, fetchedAfter } from '../pages/flow'
import { type Api, type Page, type Picture, expect, keeper, newName, open, test } from '../support/fixtures'
import { holdDatabase, overWriting, unsavedLogs } from '../support/log'
import { drawing } from '../support/pictures'

/** What stands on every page about the pictures that were left. */
const noticeOn = (page: Page): Locator => page.getByRole('region', { name: 'Unsaved work on other pictures' })

/** Two pictures in a row of their own, the first in the editor. */
async function start(page: Page, api: Api): Promise<{ flow: FlowBar; first: Picture; second: Picture }> {
  const word = newName('left')
  const first = await api.upload(drawing('1.png'), { title: `${word} 1` })
  const second = await api.upload(drawing('2.png'), { title: `${word} 2` })
  const fetched = fetchedAfter(page, first)
  const query = encodeURIComponent(`want:\n  - title: "${word}%"\n`)
  await open(page, `/picture/${first.id}/annotate?ordering=title-asc&query=${query}`)
  await fetched
  return { flow: new FlowBar(page), first, second }
}

/** Draws a box on the first picture and goes on to the second one without saying what it shows. */
async function leaveUnlabelled(flow: FlowBar, first: Picture, second: Picture): Promise<EditorPage> {
  const editor = await flow.at(first, '1 of 2')
  await editor.drawBox([0.2, 0.2], [0.5, 0.5])
  await flow.button('Next picture').click()
  return flow.at(second, '2 of 2')
}

test('who goes on while signed out is told, and nothing is given up', async ({ page, context, api, watch, studio }) => {
  watch.allow(/401/)
  const { flow, first, second } = await start(page, api)
  const editor = await flow.at(first, '1 of 2')
  const cookies = await context.cookies()
  await context.clearCookies()
  await editor.drawBox([0.2, 0.2], [0.5, 0.5])
  await editor.pickObject(studio.object)
  await flow.button('Next picture').click()
  await flow.at(second, '2 of 2')
  const notice = noticeOn(page)
  await expect(notice).toContainText(`${first.title}: Signed out, 1 unsaved change. Kept in this browser.`)
  await expect(page.getByRole('status').filter({ hasText: 'Your work on 1 other picture is not saved yet' })).toBeAttached()
  expect(await api.annotations(first.id)).toHaveLength(0)
  await context.addCookies(cookies)
  await notice.getByRole('button', { name: 'Try again' }).click()
  await expect(notice).toBeHidden()
  // What is just being sent is no news: the notice is gone before the server has it.
  await expect.poll(() => api.annotations(first.id)).toHaveLength(1)
  await expect(notice).toBeHidden()
})

test('who comes back at once finds the last stroke, and can undo it', async ({ page, api, studio }) => {
  const { flow, first, second } = await start(page, api)
  let held = true
  await page.route(/\/annotations\/delta$/, async (route) => {
    while (held) await new Promise((resolve) => setTimeout(resolve, 50))
    // The page may have given up this request by now; it sends the same again.
    await route.continue().catch(() => undefined)
  })
  const editor = await flow.at(first, '1 of 2')
  await editor.drawBox([0.2, 0.2], [0.5, 0.5])
  await editor.pickObject(studio.object)
  await page.keyboard.press('PageDown')
  await flow.at(second, '2 of 2')
  await page.keyboard.press('PageUp')
  const again = await flow.at(first, '1 of 2')
  held = false
  await expect(again.regions).toHaveCount(1)
  await again.saved()
  expect(await api.annotations(first.id)).toHaveLength(1)
  await again.button('Undo').click()
  await expect(again.regions).toContainText(['No object yet'])
  await again.button('Undo').click()
  await expect(again.regions).toHaveCount(0)
  await again.saved()
  await expect.poll(() => api.annotations(first.id)).toHaveLength(0)
})

/** Gives the one region that waited for an object what it waits for. */
async function labelIt(editor: EditorPage, api: Api, picture: Picture, object: string): Promise<void> {
  await editor.tool('Select')
  await editor.click([0.35, 0.35])
  await editor.pickObject(object)
  await editor.saved()
  expect(await api.annotations(picture.id)).toHaveLength(1)
}

test('a region without an object waits on the picture that was left', async ({ page, api, studio }) => {
  const { flow, first, second } = await start(page, api)
  await leaveUnlabelled(flow, first, second)
  const notice = noticeOn(page)
  await expect(notice).toContainText('1 region needs an object. Kept in this browser.')
  await notice.getByRole('link', { name: first.title }).click()
  const again = await flow.at(first, '1 of 2')
  await expect(notice).toBeHidden()
  await expect(again.regions).toHaveCount(1)
  await labelIt(again, api, first, studio.object)
})

test('the notice of what was left is closed until something changes, and lets through what is drawn below it', async ({ page, api, studio }) => {
  const { flow, first, second } = await start(page, api)
  const next = await leaveUnlabelled(flow, first, second)
  const notice = noticeOn(page)
  await expect(notice).toContainText(first.title)
  await expect(notice).not.toContainText(studio.picture.title)
  const { x, y } = (await notice.boundingBox()) ?? { x: 0, y: 0 }
  const below = await page.evaluate(([x, y]) => document.elementFromPoint(x, y)?.closest('.editor-surface') != null, [x + 6, y + 6] as const)
  expect(below).toBe(true)
  await notice.getByRole('button', { name: 'Close until something changes' }).click()
  await expect(notice).toBeHidden()
  await next.canvas.focus()
  await page.keyboard.press('PageUp')
  await flow.at(first, '1 of 2')
  await page.keyboard.press('PageDown')
  await flow.at(second, '2 of 2')
  await expect(notice, 'it was left once more').toBeVisible()
})

test('an earlier visit to another picture is remembered', async ({ page, context, api, watch, studio }) => {
  watch.allow(/ERR_FAILED/)
  const { flow, first, second } = await start(page, api)
  await page.route(/\/annotations\/delta$/, (route) => route.abort())
  const editor = await flow.at(first, '1 of 2')
  await editor.drawBox([0.2, 0.2], [0.5, 0.5])
  await editor.pickObject(studio.object)
  await expect(editor.saving).toContainText('Offline')
  await page.close({ runBeforeUnload: false })

  const later = await context.newPage()
  await open(later, `/picture/${second.id}/annotate?ordering=title-asc`)
  const notice = noticeOn(later)
  await expect(notice).toContainText('unsaved work of an earlier visit')
  await notice.getByRole('link', { name: `picture ${first.id}` }).click()
  await expect(later, 'in the row that one is in').toHaveURL(new RegExp(`/picture/${first.id}/annotate\\?ordering=title-asc$`))
  await expect.poll(() => api.annotations(first.id)).toHaveLength(1)
  await expect(notice).toBeHidden()
})

/** Draws a box on the first picture and goes on to the second. */
async function goOn(page: Page, api: Api, object: string): Promise<{ first: Picture; second: Picture; next: EditorPage }> {
  const { flow, first, second } = await start(page, api)
  const editor = await flow.at(first, '1 of 2')
  await editor.drawBox([0.2, 0.2], [0.5, 0.5])
  await editor.pickObject(object)
  await page.keyboard.press('PageDown')
  return { first, second, next: await flow.at(second, '2 of 2') }
}

test('tool and object stay from picture to picture', async ({ page, api, studio }) => {
  const { second, next } = await goOn(page, api, studio.object)
  await expect(next.button('Box')).toHaveAttribute('aria-pressed', 'true')
  await next.drag([0.2, 0.2], [0.5, 0.5])
  await next.saved()
  expect((await api.annotations(second.id)).map((region) => region.object)).toEqual([studio.object])
})

test('the regions of the picture before come over', async ({ page, api, studio }) => {
  const { first, second, next } = await goOn(page, api, studio.object)
  // A stray letter brings nothing.
  await page.keyboard.press('r')
  await expect(next.regions).toHaveCount(0)
  await page.keyboard.press('Shift+R')
  await expect(next.regions).toHaveCount(1)
  await next.saved()
  const [brought] = await api.annotations(second.id)
  const [original] = await api.annotations(first.id)
  expect({ ...brought, id: 0 }).toEqual({ ...original, id: 0 })
  expect(brought?.id).not.toBe(original?.id)
  // Once more brings nothing, for all of them are here.
  await page.keyboard.press('Shift+R')
  await expect(page.getByText('The previous picture has no regions that are not here')).toBeAttached()
  await expect(next.regions).toHaveCount(1)
})

/** The browser refuses to open databases. */
async function keepNoCopies(page: Page): Promise<void> {
  await page.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('no', 'SecurityError')
    }
  })
}

test('where the browser keeps no copy, what was left waits in the page', async ({ page, api, studio }) => {
  await keepNoCopies(page)
  const { flow, first, second } = await start(page, api)
  let held = true
  await page.route(/\/annotations\/delta$/, async (route) => {
    while (held) await new Promise((resolve) => setTimeout(resolve, 50))
    // The page may have given up this request by now; it sends the same again.
    await route.continue().catch(() => undefined)
  })
  const editor = await flow.at(first, '1 of 2')
  const sent = page.waitForRequest(/annotations\/delta$/)
  await editor.drawBox([0.1, 0.1], [0.3, 0.3])
  await editor.pickObject(studio.object)
  await sent
  // These wait for the answer.
  await editor.drag([0.4, 0.1], [0.6, 0.3])
  await editor.tool('Point')
  await editor.click([0.8, 0.8])
  await page.keyboard.press('PageDown')
  await flow.at(second, '2 of 2')
  await page.keyboard.press('PageUp')
  const again = await flow.at(first, '1 of 2')
  await expect(again.regions).toHaveCount(3)
  held = false
  await again.saved()
  expect(await api.annotations(first.id)).toHaveLength(3)

  await again.button('Undo').click()
  await expect(again.regions).toHaveCount(2)
  await again.saved()
  expect(await api.annotations(first.id)).toHaveLength(2)
})

test('a region without an object waits in the page where the browser keeps no copy', async ({ page, api, studio }) => {
  await keepNoCopies(page)
  const { flow, first, second } = await start(page, api)
  await leaveUnlabelled(flow, first, second)
  const notice = noticeOn(page)
  await expect(notice).toContainText('1 region needs an object. Kept nowhere else: leave the page open.')
  await notice.getByRole('link', { name: first.title }).click()
  const again = await flow.at(first, '1 of 2')
  await expect(again.regions).toHaveCount(1)
  await expect(notice).toBeHidden()
  await labelIt(again, api, first, studio.object)
})

test('a shape that is half drawn waits in the page where the browser keeps no copy', async ({ page, api, studio }) => {
  await keepNoCopies(page)
  const { flow, first, second } = await start(page, api)
  const editor = await flow.at(first, '1 of 2')
  await editor.tool('Polygon')
  await editor.click([0.2, 0.2])
  await editor.click([0.6, 0.2])
  await editor.click([0.6, 0.6])
  await page.keyboard.press('PageDown')
  const next = await flow.at(second, '2 of 2')
  const notice = noticeOn(page)
  await expect(notice).toContainText('1 shape is half drawn')
  await next.tool('Box')
  await page.keyboard.press('PageUp')
  const again = await flow.at(first, '1 of 2')
  await expect(again.button('Polygon')).toHaveAttribute('aria-pressed', 'true')
  await again.click([0.2, 0.6])
  await page.keyboard.press('Enter')
  await again.pickObject(studio.object)
  await again.saved()
  const [region] = await api.annotations(first.id)
  expect(region?.shape).toHaveLength(4)
})

test('another tab can change the layout of the database after pictures were left', async ({ page, context, api, studio }) => {
  const { second, next } = await goOn(page, api, studio.object)
  await next.drag([0.2, 0.2], [0.5, 0.5])
  await next.saved()
  await page.keyboard.press('PageUp')
  await expect(page).not.toHaveURL(new RegExp(`/picture/${second.id}/`))
  await page.getByRole('link', { name: 'Objects' }).first().click()
  await expect(page).toHaveURL(/\/objects$/)
  const other = await context.newPage()
  await open(other, '/objects')
  const opened = await other.evaluate(
    () =>
      new Promise<string>((resolve) => {
        const request = indexedDB.open('ocellus-editor', 1_000)
        for (const event of ['success', 'error', 'blocked']) request.addEventListener(event, () => resolve(event))
      }),
  )
  expect(opened).toBe('success')
})

test('a way back that is given up leaves nothing behind unsent', async ({ page, api, studio }) => {
  const { flow, first, second } = await start(page, api)
  const sent: (() => void)[] = []
  await page.route(/\/annotations\/delta$/, async (route) => {
    if (sent.length < 2) await new Promise<void>((letGo) => sent.push(letGo))
    await route.continue().catch(() => undefined)
  })
  const loading: (() => void)[] = []
  await page.route(/\/fn\/picture_to_annotate$/, async (route) => {
    const { id } = route.request().postDataJSON() as { id: number }
    if (id === first.id) await new Promise<void>((letGo) => loading.push(letGo))
    await route.continue().catch(() => undefined)
  })
  const editor = await flow.at(first, '1 of 2')
  await editor.drawBox([0.2, 0.2], [0.5, 0.5])
  await editor.pickObject(studio.object)
  await page.keyboard.press('PageDown')
  await flow.at(second, '2 of 2')
  await page.goBack()
  await expect.poll(() => loading.length).toBeGreaterThan(0)
  await page.goForward()
  await flow.at(second, '2 of 2')
  for (const letGo of [...sent, ...loading]) letGo()
  await expect.poll(async () => (await api.annotations(first.id)).length).toBe(1)
  await expect(noticeOn(page)).toBeHidden()
})

test('what somebody came back to is found once after a crash', async ({ page, context, api, watch, studio }) => {
  watch.allow(/ERR_FAILED/)
  const { flow, first, second } = await start(page, api)
  await page.route(/\/annotations\/delta$/, (route) => route.abort())
  const editor = await flow.at(first, '1 of 2')
  await editor.drawBox([0.2, 0.2], [0.5, 0.5])
  await editor.pickObject(studio.object)
  await expect(editor.saving).toContainText('Offline')
  await page.keyboard.press('PageDown')
  await flow.at(second, '2 of 2')
  await expect(noticeOn(page)).toContainText('Offline')
  await page.keyboard.press('PageUp')
  const again = await flow.at(first, '1 of 2')
  await expect(again.regions).toHaveCount(1)
  await expect(noticeOn(page)).toBeHidden()
  await again.drag([0.6, 0.6], [0.8, 0.8])
  await expect(again.regions).toHaveCount(2)
  await page.close({ runBeforeUnload: false })

  const later = await context.newPage()
  await open(later, `/picture/${first.id}/annotate`)
  await expect.poll(async () => (await api.annotations(first.id)).length).toBe(2)
  await open(later, `/picture/${first.id}/annotate`)
  const regions = later.getByRole('list', { name: 'Regions' }).getByRole('listitem')
  await expect(regions).toHaveCount(2)
  expect(await api.annotations(first.id)).toHaveLength(2)
})

test('the same picture in another row is gone on with', async ({ page, api, studio }) => {
  await keepNoCopies(page)
  const { flow, first } = await start(page, api)
  const editor = await flow.at(first, '1 of 2')
  await editor.drawBox([0.2, 0.2], [0.5, 0.5])
  await expect(editor.regions).toHaveCount(1)
  await page.evaluate((id) => {
    const link = document.createElement('a')
    link.href = `/picture/${id}/annotate`
    link.textContent = 'elsewhere'
    document.querySelector('main')?.prepend(link)
  }, first.id)
  await page.getByRole('link', { name: 'elsewhere' }).click()
  await expect(flow.place).not.toHaveText('1 of 2')
  await expect(editor.regions).toHaveCount(1)
  await expect(noticeOn(page)).toBeHidden()
  await editor.tool('Select')
  await editor.click([0.35, 0.35])
  await editor.pickObject(studio.object)
  await editor.saved()
  expect(await api.annotations(first.id)).toHaveLength(1)
})

test('what the browser turns out not to have kept after somebody left is written again', async ({ page, api, studio }) => {
  const writing = await overWriting(page)
  const { flow, first, second } = await start(page, api)
  const editor = await flow.at(first, '1 of 2')
  await editor.tool('Box')
  await writing({ fails: true, waits: true })
  await editor.drag([0.2, 0.2], [0.5, 0.5])
  await expect(editor.regions).toHaveCount(1)
  await writing({ fails: false, waits: true })
  await flow.button('Next picture').click()
  await flow.at(second, '2 of 2')
  await writing({ fails: false, waits: false })
  await expect(noticeOn(page)).toContainText('1 region needs an object. Kept in this browser.')
  await flow.button('Previous picture').click()
  const again = await flow.at(first, '1 of 2')
  await expect(again.regions).toHaveCount(1)
  await labelIt(again, api, first, studio.object)
})

test('who goes on before the database is open leaves a log all the same', async ({ page, context, api, studio }) => {
  const letGo = await holdDatabase(page)
  const { flow, first, second } = await start(page, api)
  await leaveUnlabelled(flow, first, second)
  const notice = noticeOn(page)
  await expect(notice).toContainText('1 region needs an object. Kept nowhere else: leave the page open.')
  await letGo()
  await expect(notice).toContainText('1 region needs an object. Kept in this browser.')
  await page.close({ runBeforeUnload: false })

  const later = new EditorPage(await context.newPage(), first)
  await later.open()
  await expect(later.regions).toHaveCount(1)
  await labelIt(later, api, first, studio.object)
})

test('a log that could not be written to before somebody went on is put right', async ({ page, api, studio }) => {
  const writing = await overWriting(page)
  const { flow, first, second } = await start(page, api)
  const editor = await flow.at(first, '1 of 2')
  await editor.drawBox([0.2, 0.2], [0.5, 0.5])
  await expect.poll(() => unsavedLogs(page)).toHaveLength(1)
  await writing({ fails: true })
  await editor.pickObject(studio.object)
  await editor.saved()
  await page.keyboard.press('PageDown')
  await flow.at(second, '2 of 2')
  await expect(noticeOn(page)).toBeHidden()
  expect(await unsavedLogs(page)).toHaveLength(1)
  await writing({ fails: false })
  await page.evaluate(() => window.dispatchEvent(new Event('focus')))
  await expect.poll(() => unsavedLogs(page)).toEqual([])
  expect(await api.annotations(first.id)).toHaveLength(1)
})

test('what nobody wants any more is discarded, here and in the browser', async ({ page, api }) => {
  await api.signIn(keeper)
  const { flow, first, second } = await start(page, api)
  await leaveUnlabelled(flow, first, second)
  const notice = noticeOn(page)
  const discard = notice.getByRole('button', { name: `Discard the unsaved work on ${first.title}` })
  await expect(notice).toContainText('Kept in this browser.')
  expect(await unsavedLogs(page)).toHaveLength(1)
  const asked: string[] = []
  page.on('dialog', (dialog) => {
    asked.push(dialog.message())
    void (asked.length > 1 ? dialog.accept() : dialog.dismiss())
  })
  await discard.click()
  await expect(notice).toBeVisible()
  await discard.click()
  await expect(notice).toBeHidden()
  await expect.poll(() => unsavedLogs(page)).toEqual([])
  expect(asked).toEqual(Array(2).fill(`Discard the unsaved work on ${first.title}? Nobody can bring it back.`))
  await page.keyboard.press('PageUp')
  await expect((await flow.at(first, '1 of 2')).regions).toHaveCount(0)
})

/** Goes to an address as a link in the page does: the page stays. */
async function goTo(page: Page, href: string): Promise<void> {
  await page.evaluate((href) => {
    const link = document.createElement('a')
    link.href = href
    document.body.append(link)
    link.click()
    link.remove()
  }, href)
}

test('what one person left is no business of the next one in the same tab', async ({ page, elsewhere, api, studio }) => {
  const other = await newcomer(await elsewhere())
  const { flow, first, second } = await start(page, api)
  await leaveUnlabelled(flow, first, second)
  const [notice, header] = [noticeOn(page), new Header(page)]
  await expect(notice).toContainText(`${first.title}: 1 region needs an object. Kept in this browser.`)

  await header.signOut()
  await expect(notice).toContainText('1 picture has unsaved work, which waits until whoever drew it signs in.')
  await expect(notice.getByRole('link')).toHaveCount(0)
  await header.signIn.click()
  await new SignInPage(page).signIn(other)
  await header.showsUser(other.name)
  await expect(notice).toBeHidden()
  await goTo(page, `/picture/${first.id}/annotate`)
  const theirs = new EditorPage(page, first)
  await theirs.ready()
  await theirs.drawBox([0.6, 0.6], [0.8, 0.8])
  await expect(theirs.regions).toHaveCount(1)
  await goTo(page, '/objects')
  await expect(notice).toContainText(`${first.title}: 1 region needs an object. Kept in this browser.`)

  await header.signOut()
  await expect(notice).toContainText('1 picture has unsaved work, which waits until whoever drew it signs in.')
  await header.signIn.click()
  await new SignInPage(page).signIn(keeper)
  await header.showsUser(keeper.name)
  await notice.getByRole('link', { name: first.title }).click()
  const again = await flow.at(first, '1 of 2')
  await expect(again.regions).toHaveCount(1)
  await labelIt(again, api, first, studio.object)
})
