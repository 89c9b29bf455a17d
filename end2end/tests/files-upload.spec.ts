import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Page, Request } from '@playwright/test'
import { DatasetPage, FilesPage } from '../pages/dataset'
import { FilesUpload } from '../pages/files-upload'
import { violations } from '../support/axe'
import { type Api, expect, hydrated, keeper, newName, open, test } from '../support/fixtures'
import { drawing } from '../support/pictures'

const MB = 1024 * 1024
/** A request brings at most so much of a large file. */
const CHUNK = 16 * MB

interface Dataset {
  id: number
  namespace: string
  name: string
}

interface Commit {
  id: string
  message: string
}

async function made(api: Api, visibility = 'private'): Promise<{ id: number; full: string }> {
  await api.signIn(keeper)
  const { id, namespace, name } = await api.post<Dataset>('/v1/datasets', { namespace: keeper.name, name: newName('up-'), visibility })
  return { id, full: `${namespace}/${name}` }
}

const commits = (api: Api, id: number): Promise<Commit[]> => api.get<Commit[]>(`/v1/datasets/${id}/commits`)

const paths = async (api: Api, id: number): Promise<string[]> =>
  (await api.get<{ path: string }[]>(`/v1/datasets/${id}/files/`)).map(({ path }) => path)

const bytes = async (page: Page, id: number, path: string): Promise<Buffer> => {
  const answer = await page.request.get(`/api/v1/datasets/${id}/files/${path}`)
  expect(answer.ok()).toBe(true)
  return answer.body()
}

let folder = ''
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ocellus-upload-'))
})
test.afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Writes a file on this machine and gives its path. */
function written(path: string, content: string | Buffer): string {
  const whole = join(folder, path)
  mkdirSync(dirname(whole), { recursive: true })
  writeFileSync(whole, content)
  return whole
}

/** A file of 40 MB of which no part looks like another one. */
function large(path = 'large.bin'): { path: string; content: Buffer } {
  const content = Buffer.alloc(40 * MB)
  for (let at = 0; at < content.length; at += 4096) content.writeUInt32LE(at, at)
  return { path: written(path, content), content }
}

/** What was asked of the server to bring files: the method, and from which byte. */
function follow(page: Page): string[] {
  const asked: string[] = []
  page.on('request', (request: Request) => {
    if (!/\/uploads(\/|$)/.test(new URL(request.url()).pathname)) return
    const { 'upload-offset': offset } = request.headers()
    asked.push(offset === undefined ? request.method() : `${request.method()} ${offset}`)
  })
  return asked
}

/** Holds every part of a file from its second one on, until it is told to let them go. */
async function hold(page: Page): Promise<{ held: Promise<void>; release: () => Promise<void> }> {
  let tell = (): void => {}
  const held = new Promise<void>((done) => {
    tell = done
  })
  await page.route('**/uploads/*', async (route) => {
    const { 'upload-offset': offset } = route.request().headers()
    if (route.request().method() === 'PATCH' && offset !== '0') {
      // It is never answered: the connection has stalled.
      tell()
      return
    }
    await route.continue()
  })
  return { held, release: () => page.unroute('**/uploads/*') }
}

test('files and a folder are dropped on the files of a dataset and become one commit', async ({ page, api }) => {
  const { id, full } = await made(api)
  await api.putFile(id, 'README.md', '# Here')
  written('masks/deep/one.png', drawing('one.png').buffer)
  written('masks/two.txt', 'two')
  written('masks/.DS_Store', 'litter')
  const beside = written('beside.txt', 'beside')
  const upload = new FilesUpload(page)
  const files = new FilesPage(page)
  await new DatasetPage(page).open(full, 'files')
  await upload.drop(page.getByRole('region', { name: 'Folders and files' }), [join(folder, 'masks'), beside])
  await expect(page).toHaveURL(/view=upload/)
  await expect(upload.rows).toHaveCount(3)
  await expect(upload.headline).toHaveText('All 3 files are sent. The commit puts them into the dataset.')
  await expect(page.getByText('1 file that systems leave in folders')).toBeVisible()
  // What is read out is the end of it, and nothing of the way there.
  await expect(page.locator('[aria-live=polite]').filter({ hasText: 'All 3 files are sent.' })).toHaveCount(1)
  await expect(page.locator('[aria-live=polite]').filter({ hasText: 'percent' })).toHaveCount(0)
  await expect(upload.message).toHaveValue('Upload 3 files')
  expect(await violations(page)).toEqual([])
  // Nothing is in the dataset before the commit.
  expect(await paths(api, id)).toEqual(['README.md'])
  await upload.message.fill('Masks of the garden\n\nDrawn by hand.')
  await upload.commit(3)

  await expect(files.files).toHaveText(['masks/', 'README.md', 'beside.txt'])
  await expect(page.getByText('The upload is in the dataset.')).toBeVisible()
  expect((await paths(api, id)).sort()).toEqual(['README.md', 'beside.txt', 'masks/deep/one.png', 'masks/two.txt'])
  expect((await commits(api, id)).map(({ message }) => message.split('\n')[0])).toEqual(['Masks of the garden', 'Put README.md'])
  expect((await bytes(page, id, 'masks/two.txt')).toString()).toBe('two')
  expect(await violations(page)).toEqual([])
  await page.getByRole('link', { name: 'See its commit' }).click()
  await expect(files.changes).toHaveCount(3)
  // An image has become a picture of the dataset.
  await new DatasetPage(page).view('Pictures')
  await expect(new DatasetPage(page).pictures).toHaveCount(1)
})

test('a folder is chosen for another folder, which the address names', async ({ page, api }) => {
  const { id, full } = await made(api)
  written('set/a/1.txt', '1')
  written('set/2.txt', '2')
  const upload = new FilesUpload(page)
  await open(page, `/${full}?view=files`)
  await page.getByRole('main').getByRole('link', { name: 'Upload', exact: true }).click()
  await page.getByText('Another folder …').click()
  await page.getByLabel('Folder, new or old').fill('train/.git')
  await page.getByRole('button', { name: 'Go there' }).click()
  await expect(page.locator('#folder-error')).toContainText('.git')
  await page.getByLabel('Folder, new or old').fill('train/new ones')
  await page.getByRole('button', { name: 'Go there' }).click()
  await expect(page).toHaveURL(/path=train/)
  await hydrated(page)
  await upload.chooseFolder(join(folder, 'set'))
  await expect(upload.message).toHaveValue('Upload 2 files into train/new ones/')
  await upload.commit(2)
  await expect(new FilesPage(page).files).toHaveText(['set/'])
  expect((await paths(api, id)).sort()).toEqual(['train/new ones/set/2.txt', 'train/new ones/set/a/1.txt'])
  expect((await commits(api, id))[0]?.message).toBe('Upload 2 files into train/new ones/')
})

test('a file is paused and goes on where it was', async ({ page, api }) => {
  test.slow()
  const { id, full } = await made(api)
  const { path, content } = large()
  const upload = new FilesUpload(page)
  await upload.open(full)
  const asked = follow(page)
  const { held, release } = await hold(page)
  await upload.choose(path)
  await held
  await expect(upload.row('large.bin')).toContainText(/sending, (39|40) %/)
  await upload.button('Pause large.bin').click()
  await expect(upload.row('large.bin')).toContainText('paused at 40 %')
  await expect(upload.headline).toHaveText('Paused: 0 of 1 file sent.')
  const before = asked.length
  await release()
  // It stays paused until somebody wants it.
  await page.waitForTimeout(1500)
  expect(asked.length).toBe(before)
  await upload.button('Resume large.bin').click()
  await expect(upload.headline).toHaveText('The file is sent. The commit puts it into the dataset.')
  expect(asked).toEqual(['POST', 'PATCH 0', `PATCH ${CHUNK}`, 'HEAD', `PATCH ${CHUNK}`, `PATCH ${2 * CHUNK}`])
  await upload.commit(1)
  await expect(new FilesPage(page).files).toHaveText(['large.bin'])
  expect((await bytes(page, id, 'large.bin')).equals(content)).toBe(true)
})

test('a connection that broke is waited for, and all goes on when it is back', async ({ page, api, watch }) => {
  test.slow()
  watch.allow(/ERR_/)
  const { id, full } = await made(api)
  const { path, content } = large()
  const upload = new FilesUpload(page)
  await upload.open(full)
  const asked = follow(page)
  let broken = false
  const broke = (url: URL): boolean => /\/uploads(\/|$)|\/api\/health/.test(url.pathname)
  await page.route(broke, async (route) => {
    const { 'upload-offset': offset } = route.request().headers()
    if (offset === String(CHUNK) && !asked.includes('HEAD')) broken = true
    await (broken ? route.abort('connectionfailed') : route.continue())
  })
  await upload.choose([path, written('small.txt', 'small')])
  await expect(upload.headline).toContainText('Waiting for the connection')
  await expect(page.getByText('nothing that was sent is lost')).toBeVisible()
  await expect(upload.row('large.bin')).toContainText('40 %, waiting for the connection')
  expect(await violations(page)).toEqual([])
  // It is tried again by itself, and nothing is sent meanwhile.
  const before = asked.length
  await page.waitForRequest('**/api/health')
  expect(asked.length).toBe(before)
  broken = false
  await page.evaluate(() => window.dispatchEvent(new Event('online')))
  await expect(upload.headline).toHaveText('All 2 files are sent. The commit puts them into the dataset.')
  // Nothing that had come was sent again.
  expect(asked.filter((request) => request === 'PATCH 0')).toHaveLength(1)
  expect(asked).toContain('HEAD')
  await upload.commit(2)
  await expect(new FilesPage(page).files).toHaveText(['large.bin', 'small.txt'])
  expect((await bytes(page, id, 'large.bin')).equals(content)).toBe(true)
})

test('after a restart the same file goes on where it was', async ({ page, api }) => {
  test.slow()
  const { id, full } = await made(api)
  const { path, content } = large('set/large.bin')
  const small = written('set/small.txt', 'small')
  const upload = new FilesUpload(page)
  await upload.open(full, 'train/')
  const { held, release } = await hold(page)
  await upload.choose([path, small])
  await held
  await expect(upload.row('small.txt')).toContainText('sent')
  page.once('dialog', (dialog) => void dialog.accept())
  await page.reload()
  await hydrated(page)
  await release()
  await expect(upload.interrupted).toHaveText('2 uploads of yours were interrupted')
  await expect(page.getByText('train/large.bin')).toBeVisible()
  expect(await violations(page)).toEqual([])
  const asked = follow(page)
  await upload.choose([path, small])
  await expect(upload.interrupted).toHaveCount(0)
  await expect(upload.headline).toHaveText('All 2 files are sent. The commit puts them into the dataset.')
  expect(asked.filter((request) => request === 'POST' || request === 'PATCH 0')).toEqual([])
  expect(asked.filter((request) => request.startsWith('PATCH'))).toEqual([`PATCH ${CHUNK}`, `PATCH ${2 * CHUNK}`])
  await upload.commit(2)
  await expect(new FilesPage(page).files).toHaveText(['large.bin', 'small.txt'])
  expect((await bytes(page, id, 'train/large.bin')).equals(content)).toBe(true)
  await upload.open(full, 'train/')
  await expect(page.getByLabel('Choose files')).toBeAttached()
  await expect(upload.interrupted).toHaveCount(0)
})

test('what was interrupted is discarded, at the server as well', async ({ page, api, watch }) => {
  watch.allow(/404/)
  const { full } = await made(api)
  const upload = new FilesUpload(page)
  await upload.open(full)
  const { held, release } = await hold(page)
  let place = ''
  page.on('response', (response) => {
    if (response.request().method() === 'POST' && response.url().endsWith('/uploads')) place = response.headers().location ?? ''
  })
  await upload.choose(large().path)
  await held
  page.once('dialog', (dialog) => void dialog.accept())
  await page.reload()
  await hydrated(page)
  await release()
  await page.getByRole('button', { name: 'Discard what was sent of them' }).click()
  const ended = page.waitForResponse((response) => response.request().method() === 'DELETE')
  await page.getByRole('dialog').getByRole('button', { name: 'Discard', exact: true }).click()
  expect((await ended).status()).toBe(204)
  await expect(upload.interrupted).toHaveCount(0)
  expect(place).not.toBe('')
  expect((await page.request.get(place)).status()).toBe(404)
  await page.reload()
  await hydrated(page)
  await expect(page.getByRole('heading', { name: /^Upload into/ })).toBeVisible()
  await expect(upload.interrupted).toHaveCount(0)
})

test('what is there already is replaced or skipped, and what is the same is not sent', async ({ page, api }) => {
  const { id, full } = await made(api)
  for (const name of ['a', 'b', 'c']) await api.putFile(id, `set/${name}.txt`, `${name} of before`)
  const before = (await commits(api, id)).length
  const upload = new FilesUpload(page)
  await upload.open(full, 'set')
  const sent = new Set<string>()
  page.on('request', (request) => {
    const [, path] = /(?:^|,)path ([^,]+)/.exec(request.headers()['upload-metadata'] ?? '') ?? []
    if (path !== undefined) sent.add(Buffer.from(path, 'base64').toString())
  })
  const same = written('a.txt', 'a of before')
  await upload.choose([same, written('b.txt', 'b of now, longer'), written('c.txt', 'c OF before')])
  await expect(upload.row('a.txt')).toContainText('unchanged')
  await expect(upload.row('b.txt')).toContainText('will be replaced')
  await expect(page.getByText('2 files are there already and will be replaced')).toBeVisible()
  await upload.button('Skip all of them').click()
  await expect(upload.headline).toHaveText('Nothing is left to be sent.')
  await upload.button('Replace all of them').click()
  await upload.button('Skip c.txt').click()
  await expect(upload.row('c.txt')).toContainText('skipped')
  await expect(page.getByText('To be replaced: 1. Skipped: 1.')).toBeVisible()
  expect(await violations(page)).toEqual([])
  await expect(upload.message).toHaveValue('Replace set/b.txt')
  await upload.commit(1)
  await expect(new FilesPage(page).files).toHaveText(['a.txt', 'b.txt', 'c.txt'])
  expect(sent.has('set/b.txt')).toBe(true)
  expect(sent.has('set/a.txt')).toBe(false)
  const texts = await Promise.all(['a', 'b', 'c'].map(async (name) => (await bytes(page, id, `set/${name}.txt`)).toString()))
  expect(texts).toEqual(['a of before', 'b of now, longer', 'c of before'])
  expect(await commits(api, id)).toHaveLength(before + 1)
})

test('what cannot be is refused at once, and the rest is committed; a commit that is refused is tried again', async ({ page, api, watch }) => {
  watch.allow(/409/)
  const { id, full } = await made(api)
  await api.putFile(id, 'file', 'no folder')
  const upload = new FilesUpload(page)
  await upload.open(full)
  const asked = follow(page)
  await upload.choose([written('pointer.dvc', 'x'), written('fine.txt', 'fine')])
  await upload.chooseFolder(dirname(written('file/inside.txt', 'x')))
  await expect(upload.row('pointer.dvc')).toContainText('refused')
  await expect(upload.row('file/inside.txt')).toContainText('refused')
  await expect(page.getByText('2 files cannot be sent')).toBeVisible()
  await expect(page.getByText('pointers are called so')).toHaveCount(2)
  await expect(upload.headline).toHaveText('1 file sent, 2 not.')
  expect(asked).toEqual(['POST'])

  // Leaving asks, as long as something would be lost.
  let question = ''
  page.once('dialog', (dialog) => {
    question = dialog.message()
    void dialog.dismiss()
  })
  await page.getByRole('link', { name: 'Back to the files' }).click()
  expect(question).toContain('not committed yet')
  await expect(page).toHaveURL(/view=upload/)

  // Somebody else holds the dataset at first.
  await page.route('**/fn/change_dataset_files', (route) =>
    route.fulfill({ status: 409, contentType: 'application/problem+json', body: JSON.stringify({ type: 'about:blank', title: 'Conflict', status: 409, detail: 'somebody else is changing this dataset' }) }), { times: 1 })
  await upload.commit(1)
  await expect(page.getByRole('alert').filter({ hasText: 'Somebody else is changing this dataset' })).toContainText('Nothing that was sent is lost')
  await upload.commit(1)
  await expect(page.getByText('1 file is in the dataset')).toBeVisible()
  await expect(upload.rows).toHaveCount(2)
  expect((await paths(api, id)).sort()).toEqual(['file', 'fine.txt'])
  expect(asked).toEqual(['POST'])
})

test('a file that fails is retried, and the commit comes by itself when all is sent', async ({ page, api, watch }) => {
  watch.allow(/400/)
  const { id, full } = await made(api)
  const upload = new FilesUpload(page)
  await upload.open(full)
  let refusals = 0
  await page.route('**/uploads', async (route) => {
    const isBad = route.request().headers()['upload-metadata'] === `path ${Buffer.from('bad.txt').toString('base64')}`
    if (!isBad || refusals > 0) return route.continue()
    refusals += 1
    const body = { type: 'about:blank', title: 'Invalid request', status: 400, detail: 'not today', errors: [] }
    await route.fulfill({ status: 400, contentType: 'application/problem+json', body: JSON.stringify(body) })
  })
  await upload.choose([written('bad.txt', 'bad'), written('good.txt', 'good')])
  await expect(upload.row('bad.txt')).toContainText('failed: not today')
  await expect(upload.headline).toHaveText('1 file sent, 1 not.')
  await upload.button('Cancel all').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel', exact: true }).click()
  await upload.button('Retry what failed').click()
  await expect(upload.headline).toHaveText('All 2 files are sent. The commit puts them into the dataset.')

  // A third one takes its time; who commits now need not wait for it.
  const { held, release } = await hold(page)
  await upload.choose(large().path)
  await held
  await upload.button('Commit when all is sent').click()
  await expect(upload.button('Commit when all is sent')).toHaveAttribute('aria-pressed', 'true')
  await expect(page.getByText('It is committed as soon as all is sent')).toBeVisible()
  await upload.button('Pause all').click()
  await release()
  await upload.button('Go on').click()
  await expect(new FilesPage(page).files).toHaveText(['bad.txt', 'good.txt', 'large.bin'])
  expect((await commits(api, id)).map(({ message }) => message)).toEqual(['Upload 3 files'])
})

test('many files are few rows, and one commit', async ({ page, api }) => {
  test.slow()
  const { id, full } = await made(api)
  for (let file = 0; file < 300; file += 1) written(`many/${String(file).padStart(3, '0')}.txt`, `file ${file}`)
  const upload = new FilesUpload(page)
  await upload.open(full)
  await upload.chooseFolder(join(folder, 'many'))
  await expect(upload.headline).toHaveText('All 300 files are sent. The commit puts them into the dataset.', { timeout: 60_000 })
  expect(await upload.rows.count()).toBeLessThan(80)
  await expect(upload.rows.first()).toHaveAttribute('aria-setsize', '300')
  // The last one comes when it is scrolled to.
  await page.getByRole('list', { name: 'Files to upload' }).evaluate((list) => list.scrollTo(0, list.scrollHeight))
  await expect(upload.row('many/299.txt')).toBeVisible()
  await upload.commit(300)
  await expect(new FilesPage(page).files).toHaveText(['many/'])
  expect(await commits(api, id)).toHaveLength(1)
})

test('whoever only reads is told so', async ({ page, api }) => {
  const { id, full } = await made(api, 'public')
  await api.putFile(id, 'a.txt', 'a')
  await page.context().clearCookies()
  await open(page, `/${full}?view=files`)
  await expect(new FilesPage(page).files).toHaveText(['a.txt'])
  await expect(page.getByRole('main').getByRole('link', { name: 'Upload', exact: true })).toHaveCount(0)
  await open(page, `/${full}?view=upload`)
  await expect(page.getByRole('main').getByRole('link', { name: 'Sign in' })).toBeVisible()
  await expect(page.getByLabel('Choose files')).toHaveCount(0)
})

test.describe('on a small screen', () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true })

  test('files are brought in by thumb', async ({ page, api }) => {
    const { id, full } = await made(api)
    const long = `${'a very long name of a file '.repeat(5)}.txt`
    await api.putFile(id, 'b.txt', 'b')
    const upload = new FilesUpload(page)
    await upload.open(full)
    await upload.choose([written(long, 'x'), written('b.txt', 'other'), written('c.dvc', 'c')])
    await expect(upload.headline).toHaveText('2 files sent, 1 not.')
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(overflow).toBe(0)
    expect(await violations(page)).toEqual([])
    for (const button of await upload.rows.getByRole('button').all()) {
      const box = await button.boundingBox()
      expect((box?.x ?? 0) + (box?.width ?? 999)).toBeLessThanOrEqual(360)
    }
    await upload.button('Remove c.dvc').click()
    await upload.commit(2)
    await expect(new FilesPage(page).files).toHaveCount(2)
  })
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('a plain form brings several files, and says why it was refused', async ({ page, api, watch }) => {
    // A browser without JavaScript does not preload it either, and says so.
    watch.allow(/ocellus\.js.*csp/)
    const { id, full } = await made(api)
    await page.goto(`/${full}?view=upload&path=train`)
    await page.getByLabel('Files', { exact: true }).setInputFiles([written('a.dvc', 'a'), written('b.txt', 'b')])
    await page.getByRole('button', { name: 'Upload and commit' }).click()
    await expect(page.getByRole('alert').filter({ hasText: 'pointers' })).toBeVisible()
    expect(await paths(api, id)).toEqual([])
    await page.getByLabel('Files', { exact: true }).setInputFiles([written('a.txt', 'a'), written('b.txt', 'b')])
    await page.getByLabel('Message of the commit').fill('By a plain form')
    await page.getByRole('button', { name: 'Upload and commit' }).click()
    await expect(new FilesPage(page).files).toHaveText(['a.txt', 'b.txt'])
    await expect(page.getByText('The upload is in the dataset.')).toBeVisible()
    expect(await paths(api, id)).toEqual(['train/a.txt', 'train/b.txt'])
    expect((await commits(api, id)).map(({ message }) => message)).toEqual(['By a plain form'])
  })
})
