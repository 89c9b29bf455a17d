import { readFile } from 'node:fs/promises'
import { DatasetPage, FilesPage } from '../pages/dataset'
import { violations } from '../support/axe'
import { type Api, expect, keeper, newName, open, test } from '../support/fixtures'
import { drawing } from '../support/pictures'

interface Dataset {
  id: number
  namespace: string
  name: string
}

/** A dataset with a picture, notes, and two states of a README. */
async function filled(api: Api): Promise<{ id: number; full: string; first: string }> {
  await api.signIn(keeper)
  const made = { namespace: keeper.name, name: newName('files-'), visibility: 'public' }
  const { id, namespace, name } = await api.post<Dataset>('/v1/datasets', made)
  await api.putFile(id, 'train/cats/one.png', drawing('one.png').buffer)
  await api.putFile(id, 'train/notes.txt', 'hello')
  const { commit: first } = await api.putFile(id, 'README.md', '# Cats of ours')
  return { id, full: `${namespace}/${name}`, first }
}

test('a README leads to the files around it', async ({ page, api }) => {
  const { id, full } = await filled(api)
  await api.putFile(id, 'docs/README.md', '[The picture](../train/cats/one.png) ![A cat](../train/cats/one.png)')
  await open(page, `/${full}?view=files&path=docs%2F`)
  const readme = page.getByRole('region', { name: 'README' })
  const image = readme.getByRole('img', { name: 'A cat' })
  await expect.poll(() => image.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBeGreaterThan(0)
  await readme.getByRole('link', { name: 'The picture' }).click()
  await expect(new FilesPage(page).path).toHaveText('one.png')
  await expect(page.getByRole('img', { name: 'What train/cats/one.png shows' })).toBeVisible()
})

test('files are browsed by folder, found, shown and downloaded', async ({ page, api, watch }) => {
  watch.allow(/404/)
  const { full } = await filled(api)
  const dataset = new DatasetPage(page)
  const files = new FilesPage(page)
  await dataset.open(full)
  await expect(page.getByRole('region', { name: 'README' }).getByRole('heading', { name: 'Cats of ours' })).toBeVisible()
  await dataset.view('Files')
  await expect(files.files).toHaveText(['train/', 'README.md'])
  await expect(page.getByRole('row').filter({ hasText: 'train/' })).toContainText('2 files')
  expect(await violations(page)).toEqual([])

  await files.file('train/').click()
  await expect(files.files).toHaveText(['cats/', 'notes.txt'])
  await files.file('cats/').click()
  await expect(files.files).toHaveText(['one.png'])
  await expect(files.path).toHaveText('cats')
  const preview = files.files.locator('img')
  await expect(preview).toBeVisible()
  await page.getByRole('link', { name: 'Hide previews' }).click()
  await expect(preview).toHaveCount(0)
  await expect(page.getByRole('link', { name: 'Show previews' })).toBeVisible()
  await files.folder('train').click()
  await expect(files.files).toHaveText(['cats/', 'notes.txt'])

  await page.getByRole('searchbox', { name: 'Find a file in this folder' }).fill('ONE')
  await page.getByRole('search', { name: 'Files' }).getByRole('button', { name: 'Show', exact: true }).click()
  await expect(page).toHaveURL(/find=ONE/)
  await expect(files.files).toHaveText(['cats/one.png'])
  await files.file('cats/one.png').click()
  await expect(files.path).toHaveText('one.png')
  await expect(page.getByRole('img', { name: 'What train/cats/one.png shows' })).toBeVisible()
  expect(await violations(page)).toEqual([])
  const coming = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download', exact: true }).click()
  expect((await coming).suggestedFilename()).toBe('one.png')
  await page.getByRole('main').getByRole('link', { name: 'Open the picture' }).first().click()
  await expect(page).toHaveURL(/\/picture\/\d+$/)

  await open(page, `/${full}?view=files&path=nowhere`)
  await expect(page.getByRole('main')).toContainText('There is no such folder')
})

test('a file is moved and deleted, and the history brings it back', async ({ page, api, watch }) => {
  watch.allow(/400/)
  const { full } = await filled(api)
  const files = new FilesPage(page)
  await open(page, `/${full}?view=file&path=train%2Fnotes.txt`)
  await page.getByLabel('Path').fill('train/.git/x')
  await page.getByRole('button', { name: 'Save the path' }).click()
  await expect(page.locator('#to-error')).toContainText('.git')
  await page.getByLabel('Path').fill('texts/notes of ours.txt')
  await page.getByRole('button', { name: 'Save the path' }).click()
  await expect(files.path).toHaveText('notes of ours.txt')
  await expect(page).toHaveURL(/path=texts%2Fnotes%20of%20ours\.txt/)
  await files.folder('texts').click()
  await expect(files.files).toHaveText(['notes of ours.txt'])

  await files.file('notes of ours.txt').click()
  await page.getByText('Delete the file …').click()
  await page.getByRole('button', { name: 'Delete the file' }).click()
  // With its last file the folder is gone.
  await expect(page).toHaveURL(/view=files/)
  await expect(files.files).toHaveText(['train/', 'README.md'])
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'History' }).click()
  await expect(files.commits.first()).toContainText('Delete texts/notes of ours.txt')
  await expect(files.commits).toHaveCount(5)
  await files.commits.first().getByRole('link', { name: /^Delete/ }).click()
  await expect(files.changes).toHaveText([/removed.*texts\/notes of ours\.txt/])
  await page.getByText('Undo this commit …').click()
  await page.getByRole('button', { name: 'Undo this commit' }).click()
  await expect(page.getByRole('heading', { level: 2 })).toContainText('Revert “Delete texts/notes of ours.txt”')
  await expect(files.changes).toHaveText([/added.*texts\/notes of ours\.txt/])
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Files' }).click()
  await expect(files.files).toHaveText(['texts/', 'train/', 'README.md'])

  // Several at once, into a folder that is not there yet.
  await page.getByRole('checkbox', { name: 'Choose texts/' }).check()
  await page.getByRole('checkbox', { name: 'Choose README.md' }).check()
  await page.getByRole('button', { name: 'Move to …' }).click()
  const moving = page.getByRole('dialog', { name: 'Move what is chosen' })
  await expect(moving).toContainText('1 file and 1 folder at the top of the dataset')
  await moving.getByLabel('Folder').fill('texts/in it')
  await moving.getByRole('button', { name: 'Move' }).click()
  await expect(moving.getByRole('alert')).toContainText('Lies in texts/')
  await moving.getByLabel('Folder').fill('all/of it')
  await moving.getByLabel('Folder').press('Enter')
  await expect(page).toHaveURL(/path=all%2Fof%20it/)
  await expect(files.files).toHaveText(['texts/', 'README.md'])
  await page.getByRole('checkbox', { name: 'Choose all/of it/texts/' }).check()
  await page.getByRole('checkbox', { name: 'Choose all/of it/README.md' }).check()
  await page.getByRole('button', { name: 'Move to …' }).click()
  await expect(moving).toContainText('1 file and 1 folder in all/of it/')
  // What was typed before was for something else.
  await expect(moving.getByLabel('Folder')).toHaveValue('')
  await moving.getByRole('button', { name: 'Move' }).click()
  await expect(files.files).toHaveText(['texts/', 'train/', 'README.md'])

  // Gone together.
  await page.getByRole('checkbox', { name: 'Choose texts/' }).check()
  await page.getByRole('checkbox', { name: 'Choose README.md' }).check()
  await expect(page.getByRole('group', { name: 'What is chosen' })).toContainText('2 chosen.')
  await page.getByRole('group', { name: 'What is chosen' }).getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect(files.files).toHaveText(['train/'])
})

test('versions have names, are compared, and a file of one is restored', async ({ page, api, watch }) => {
  watch.allow(/400/)
  const { full, id, first } = await filled(api)
  const dataset = new DatasetPage(page)
  const files = new FilesPage(page)
  await dataset.open(full)
  await dataset.view('History')
  await expect(files.commits).toHaveCount(3)
  await page.getByText('Name the newest state').click()
  await page.getByLabel('Name', { exact: true }).fill('no good')
  await page.getByRole('button', { name: 'Name the version' }).click()
  await expect(page.locator('#name-error')).toContainText('letters')
  await page.getByLabel('Name', { exact: true }).fill('v1')
  await page.getByLabel('What is new').fill('All cats')
  await page.getByRole('button', { name: 'Name the version' }).click()
  await expect(files.versions).toHaveCount(1)
  await expect(files.versions).toContainText('All cats')
  await expect(files.commits.first()).toContainText('v1')

  await api.putFile(id, 'README.md', '# Dogs')
  await api.putFile(id, 'train/cats/one.png', drawing('two.png').buffer)
  await page.reload()
  await page.getByRole('link', { name: 'Compare v1 with the newest state' }).click()
  await expect(files.changes).toHaveText([/replaced.*README\.md/, /replaced.*train\/cats\/one\.png/])
  const pair = files.changes.nth(1).getByRole('img')
  await expect(pair).toHaveCount(2)
  for (const image of await pair.all()) await expect(image).toHaveJSProperty('complete', true)
  expect(await pair.nth(0).getAttribute('src')).not.toBe(await pair.nth(1).getAttribute('src'))
  expect(await violations(page)).toEqual([])

  // The state of the version, from the choice among the files.
  await dataset.view('Files')
  await page.getByLabel('State').selectOption('v1')
  await page.getByRole('search', { name: 'Files' }).getByRole('button', { name: 'Show', exact: true }).click()
  await expect(page.getByText('This is the state of v1')).toBeVisible()
  await expect(page.getByRole('region', { name: 'README' })).toContainText('Cats of ours')
  await expect(page.getByRole('checkbox')).toHaveCount(0)
  await files.file('README.md').click()
  await page.getByRole('button', { name: 'Restore this state of the file' }).click()
  await expect(page).not.toHaveURL(/ref=/)
  await files.folder(full.split('/')[1] ?? '').click()
  await expect(page.getByRole('region', { name: 'README' })).toContainText('Cats of ours')

  // Whoever only reads sees all of it and changes nothing.
  await page.context().clearCookies()
  await open(page, `/${full}?view=commit&ref=${first}`)
  await expect(page.getByRole('button', { name: 'Undo this commit' })).toHaveCount(0)
  await open(page, `/${full}?view=file&path=README.md`)
  await expect(page.getByRole('link', { name: 'Download', exact: true })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Delete the file' })).toHaveCount(0)
  await open(page, `/${full}?view=files`)
  await expect(files.files).toHaveText(['train/', 'README.md'])
  await expect(page.getByRole('checkbox')).toHaveCount(0)
})

test('a copied link leads to the same bytes for good', async ({ page, api, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const { full, id } = await filled(api)
  await open(page, `/${full}?view=file&path=train%2Fnotes.txt`)
  await page.getByRole('button', { name: 'Copy permanent link' }).click()
  await expect(page.getByText('The permanent link is on the clipboard.')).toBeVisible()
  const link = await page.evaluate(() => navigator.clipboard.readText())
  await api.putFile(id, 'train/notes.txt', 'something else')
  const answer = await page.request.get(link)
  expect([answer.status(), await answer.text()]).toEqual([200, 'hello'])
  expect(answer.headers()['cache-control']).toContain('immutable')
})

test('a version tells on which picture something was drawn', async ({ page, api }) => {
  const { full, id } = await filled(api)
  const object = newName('Tail ')
  await api.newObject(object)
  const [file] = await api.get<{ picture: number }[]>(`/v1/datasets/${id}/files/?prefix=train/cats`)
  const shape = { x: 0.25, y: 0.25, w: 0.5, h: 0.5 }
  await api.put(`/picture/${file?.picture}/annotations`, [{ type: 'bbox', shape, object }])
  await api.post(`/v1/datasets/${id}/tags`, { name: 'v1' })
  const files = new FilesPage(page)
  await open(page, `/${full}?view=history`)
  await files.commits.first().getByRole('link', { name: 'Annotations of v1' }).click()
  await page.getByText('Regions: 1 added on 1 picture.').click()
  const drawn = page.getByRole('list', { name: 'Pictures with other regions' }).getByRole('listitem')
  await expect(drawn).toHaveText(['train/cats/one.png: 1 added'])
  expect(await violations(page)).toEqual([])
  await drawn.getByRole('link').click()
  await expect(files.path).toHaveText('one.png')
})

test('a dataset, a state of it or a folder is downloaded', async ({ page, api }) => {
  const { full, id, first } = await filled(api)
  await api.post(`/v1/datasets/${id}/tags`, { name: 'v1', ref: first })
  await api.putFile(id, 'later.txt', 'later')
  const panel = page.getByRole('dialog')
  /** Follows a link to an archive, and gives the archive's name and bytes. */
  const fetched = async (link: string): Promise<[string, Buffer]> => {
    const coming = page.waitForEvent('download')
    await page.getByRole('link', { name: link }).click()
    const download = await coming
    return [download.suggestedFilename(), await readFile(await download.path())]
  }
  const name = full.split('/')[1] ?? ''
  await open(page, `/${full}`)
  await page.getByRole('button', { name: 'Download' }).click()
  await expect(panel).toContainText(`Download ${name}`)
  await expect(panel).toContainText('git clone')
  expect(await violations(page)).toEqual([])
  const [all, bytes] = await fetched('All files as ZIP')
  expect(all).toMatch(new RegExp(`^${name}-[0-9a-f]{10}\\.zip$`))
  for (const path of ['train/cats/one.png', 'train/notes.txt', 'README.md', 'later.txt']) expect(bytes.includes(path)).toBe(true)
  const [pointers, texts] = await fetched('Pointers as TAR')
  expect(pointers).toMatch(/-pointers\.tar$/)
  expect(texts.includes('train/notes.txt.dvc')).toBe(true)
  await page.keyboard.press('Escape')
  await expect(panel).toBeHidden()

  await open(page, `/${full}?view=files&path=train%2F&ref=v1`)
  await page.getByRole('button', { name: 'Download this folder' }).click()
  await expect(panel).toContainText('Download train/ at v1')
  const [folder, part] = await fetched('All files as TAR')
  expect(folder).toBe(`${name}-v1-train.tar`)
  expect(part.includes('hello')).toBe(true)
  expect(part.includes('README.md')).toBe(false)
  await panel.getByRole('button', { name: 'Close' }).click()
  await open(page, `/${full}?view=history`)
  const [version] = await fetched('Download v1 as ZIP')
  expect(version).toBe(`${name}-v1.zip`)
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('files are renamed, deleted and brought back, and versions get names', async ({ page, api, watch }) => {
    // A browser without JavaScript does not preload it either, and says so.
    watch.allow(/ocellus\.js.*csp/)
    const { full } = await filled(api)
    const files = new FilesPage(page)
    await page.goto(`/${full}?view=file&path=train%2Fnotes.txt`)
    await page.getByLabel('Path').fill('train/.git/x')
    await page.getByRole('button', { name: 'Save the path' }).click()
    await expect(page.locator('#to-error')).toContainText('.git')
    await page.getByLabel('Path').fill('texts/notes.txt')
    await page.getByRole('button', { name: 'Save the path' }).click()
    await expect(files.path).toHaveText('notes.txt')
    await page.getByText('Delete the file …').click()
    await page.getByRole('button', { name: 'Delete the file' }).click()
    await expect(files.files).toHaveText(['train/', 'README.md'])

    await page.goto(`/${full}?view=history`)
    await files.commits.first().getByRole('link', { name: /^Delete/ }).click()
    await page.getByText('Undo this commit …').click()
    await page.getByRole('button', { name: 'Undo this commit' }).click()
    await expect(files.changes).toHaveText([/added.*texts\/notes\.txt/])
    await page.getByText('Name this state').click()
    await page.getByLabel('Name', { exact: true }).fill('v1')
    await page.getByRole('button', { name: 'Name the version' }).click()
    await expect(files.versions).toHaveCount(1)

    await page.goto(`/${full}?view=file&path=texts%2Fnotes.txt`)
    await page.getByText('Delete the file …').click()
    await page.getByRole('button', { name: 'Delete the file' }).click()
    await page.goto(`/${full}?view=file&path=texts%2Fnotes.txt&ref=v1`)
    await page.getByRole('button', { name: 'Restore this state of the file' }).click()
    await expect(files.path).toHaveText('notes.txt')
    await expect(page).not.toHaveURL(/ref=/)
    await page.getByRole('button', { name: 'Download' }).click()
    await expect(page.getByRole('dialog').getByRole('link', { name: 'All files as ZIP' })).toBeVisible()
  })
})
