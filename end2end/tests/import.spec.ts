import { violations } from '../support/axe'
import { type Api, expect, hydrated, keeper, newName, open, type Page, test } from '../support/fixtures'
import { drawing } from '../support/pictures'

/** A dataset with two pictures, and an object. */
async function made(api: Api): Promise<{ full: string; id: number; object: string }> {
  await api.signIn(keeper)
  const object = newName('Lamp ')
  await api.newObject(object)
  const name = newName('streets-')
  const { id } = await api.post<{ id: number }>('/v1/datasets', { namespace: keeper.name, name, visibility: 'private' })
  for (const picture of ['one', 'two']) await api.putFile(id, `day/${picture}.png`, drawing(`${picture}.png`, 200, 100).buffer)
  return { full: `${keeper.name}/${name}`, id, object }
}

/** A COCO file of two classes: one box on each picture and one on a picture that is not there. */
function coco(lamp: string, other: string, name = 'instances.json'): { name: string; mimeType: string; buffer: Buffer } {
  const images = ['one.png', 'day/two.png', 'gone.png'].map((file, id) => ({ id, file_name: file, width: 200, height: 100 }))
  const box = (id: number, image: number, category: number) => ({ id, image_id: image, category_id: category, bbox: [50, 25, 50, 50] })
  const annotations = [box(1, 0, 1), box(2, 1, 2), box(3, 2, 1), { ...box(4, 0, 2), bbox: [0, 0, 100, 50] }]
  const categories = [{ id: 1, name: lamp }, { id: 2, name: other }]
  const text = JSON.stringify({ images, annotations, categories })
  return { name, mimeType: 'application/json', buffer: Buffer.from(text) }
}

const heading = (page: Page) => page.getByRole('heading', { level: 1 })

test('annotations are looked at, their classes become objects, and they are on the pictures', async ({ page, api }) => {
  const { full, id, object } = await made(api)
  const other = newName('Bench ')
  // Others import as the same user meanwhile.
  const file = `${newName('boxes-')}.json`
  await open(page, `/${full}`)
  await page.getByText('More', { exact: true }).click()
  await page.getByRole('link', { name: 'Import', exact: true }).click()
  await expect(heading(page)).toHaveText('Import')
  await hydrated(page)
  await expect(page.getByLabel('Dataset', { exact: true })).toHaveValue(full)
  expect(await violations(page)).toEqual([])
  await page.getByLabel('File', { exact: true }).setInputFiles(coco(object.replace(' ', '_').toLowerCase(), 'misc', file))
  await page.getByRole('button', { name: 'Look at it first' }).click()

  await expect(heading(page)).toHaveText(`What would come of ${file}`)
  await expect(page.getByText('4 regions can be read, of which', { exact: false })).toBeVisible()
  await expect(page.getByText('COCO (JSON)')).toBeVisible()
  await page.getByText('1 picture is not there').click()
  await expect(page.getByText('gone.png')).toBeVisible()
  const field = (name: string) => page.getByLabel(`Object for ${name}`, { exact: true })
  await expect(field(object.replace(' ', '_').toLowerCase())).toHaveValue(object)
  await expect(field('misc')).toHaveValue('misc')
  expect(await violations(page)).toEqual([])
  await field('misc').fill(other)
  await page.getByRole('button', { name: 'Import', exact: true }).click()

  await expect(heading(page)).toHaveText(`Import of ${file}`)
  await expect(page.getByText('of which 3 were stored', { exact: false })).toBeVisible()
  expect(await violations(page)).toEqual([])
  const errors = page.waitForEvent('download')
  await page.getByRole('link', { name: /as CSV/ }).click()
  expect((await errors).suggestedFilename()).toMatch(/^job-\d+-errors\.csv$/)
  const files = await api.get<{ path: string; picture: number }[]>(`/v1/datasets/${id}/files/?prefix=day/one`)
  const regions = await api.get<{ object: string; shape: object }[]>(`/picture/${files[0]?.picture}/annotations`)
  expect(regions.map((region) => region.object)).toEqual([object, other])
  expect(regions[0]?.shape).toEqual({ x: 0.25, y: 0.25, w: 0.25, h: 0.5 })

  await page.getByRole('link', { name: 'All jobs' }).click()
  await expect(heading(page)).toHaveText('Jobs')
  const row = page.getByRole('row', { name: `Import of ${file}` })
  await expect(row).toContainText('Done')
  expect(await violations(page)).toEqual([])
  await row.getByRole('button', { name: /^Remove/ }).click()
  await expect(page.getByRole('row', { name: `Import of ${file}` })).toHaveCount(0)
})

test('what cannot be read says why, and another file is chosen', async ({ page, api }) => {
  const { full } = await made(api)
  await open(page, `/import?dataset=${full}`)
  await hydrated(page)
  await page.getByLabel('File', { exact: true }).setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') })
  await page.getByRole('button', { name: 'Look at it first' }).click()
  await expect(page.getByText('The format cannot be told from the files', { exact: false })).toBeVisible()
  await page.getByRole('link', { name: 'Choose another file' }).click()
  await expect(page.getByLabel('Dataset', { exact: true })).toHaveValue(full)
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('a form does the same', async ({ page, api, watch }) => {
    // A browser without JavaScript does not preload it either, and says so.
    watch.allow(/ocellus\.js.*csp/)
    const { full, object } = await made(api)
    await page.goto(`/import?dataset=${full}`)
    await page.getByLabel('File', { exact: true }).setInputFiles(coco(object, 'misc'))
    await page.getByRole('button', { name: 'Look at it first' }).click()
    await expect(heading(page)).toHaveText('What would come of instances.json')
    await expect(async () => {
      await page.reload()
      await expect(page.getByLabel(`Object for ${object}`, { exact: true })).toHaveValue(object, { timeout: 500 })
    }).toPass()
    await page.getByLabel('Object for misc', { exact: true }).fill('')
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await expect(heading(page)).toHaveText('Import of instances.json')
    await expect(async () => {
      await page.reload()
      await expect(page.getByText('of which 1 was stored', { exact: false })).toBeVisible({ timeout: 500 })
    }).toPass()
  })
})

test.describe('on a small screen', () => {
  test.use({ viewport: { width: 390, height: 800 } })

  test('classes are cards', async ({ page, api }) => {
    const { full, object } = await made(api)
    await open(page, `/import?dataset=${full}`)
    await hydrated(page)
    await page.getByLabel('File', { exact: true }).setInputFiles(coco(object, 'misc'))
    await page.getByRole('button', { name: 'Look at it first' }).click()
    await expect(page.getByLabel(`Object for ${object}`, { exact: true })).toHaveValue(object)
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true)
    expect(await violations(page)).toEqual([])
  })
})

/** A TAR of these files. */
function tar(files: [string, Buffer][]): Buffer {
  const parts = files.flatMap(([path, bytes]) => {
    const header = Buffer.alloc(512)
    header.write(path, 0)
    header.write('0000644\0', 100)
    header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124)
    header.write('00000000000\0', 136)
    header.write('        0ustar\x0000', 148)
    const sum = header.reduce((all, byte) => all + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]
  })
  return Buffer.concat([...parts, Buffer.alloc(1024)])
}

test('files come with a table, rows are repaired by hand, and pictures say what it says', async ({ page, api }) => {
  await api.signIn(keeper)
  const [name, file] = [newName('garden-'), `${newName('photos-')}.tar`]
  const { id } = await api.post<{ id: number }>('/v1/datasets', { namespace: keeper.name, name, visibility: 'private' })
  const table = 'Photo;Title;Rights;Depth\n"a/one.png";First;CC0;1,5\nb/gone.png;Second;ours;2,25\n'
  const picture = (name: string) => drawing(name, 60, 40).buffer
  const archive = tar([
    ['a/one.png', picture('one')],
    ['b/here.png', picture('two')],
    ['about.csv', Buffer.from(table)],
  ])
  await open(page, `/import?dataset=${keeper.name}/${name}`)
  await hydrated(page)
  await page.getByLabel('Files with a table (CSV)').check()
  await expect(page.getByLabel('Format', { exact: true })).toBeHidden()
  expect(await violations(page)).toEqual([])
  await page.getByLabel('File', { exact: true }).setInputFiles({ name: file, mimeType: 'application/x-tar', buffer: archive })
  await page.getByRole('button', { name: 'Look at it first' }).click()

  await expect(heading(page)).toHaveText(`What would come of ${file}`)
  await expect(page.getByText('2 rows, of which 1 has a file.')).toBeVisible()
  await expect(page.getByLabel('Use of Photo')).toHaveValue('file')
  await expect(page.getByLabel('Use of Depth')).toHaveValue('field')
  await expect(page.getByText('1 licence is unknown')).toBeVisible()
  expect(await violations(page)).toEqual([])
  await page.getByLabel('Meaning of ours').selectOption('CC-BY-4.0')
  await page.getByLabel('File of line 3').fill('b/here.png')
  await page.getByLabel('Only look again, and change nothing yet').check()
  await page.getByRole('button', { name: 'Go on', exact: true }).click()
  await expect(page.getByText('2 rows, of which 2 have a file.')).toBeVisible()
  await expect(page.getByLabel('Meaning of ours')).toHaveValue('CC-BY-4.0')
  await page.getByRole('button', { name: 'Go on', exact: true }).click()

  await expect(heading(page)).toHaveText(`Import of ${file}`)
  await expect(page.getByText('2 pictures have got what the table says of them.')).toBeVisible()
  expect(await violations(page)).toEqual([])
  const files = await api.get<{ picture: number }[]>(`/v1/datasets/${id}/files/?prefix=b/here`)
  await open(page, `/picture/${files[0]?.picture}`)
  await expect(heading(page)).toHaveText('Second')
  await expect(page.getByText('Additional fields')).toBeVisible()
  await expect(page.getByText('2.25')).toBeVisible()
})
