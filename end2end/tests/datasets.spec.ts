import { RegisterPage } from '../pages/accounts'
import { DatasetPage, DatasetsPage, type Visibility } from '../pages/dataset'
import { QueryPage } from '../pages/query'
import { UploadPage } from '../pages/upload'
import { violations } from '../support/axe'
import { type Account, Api, type Page, expect, keeper, newName, open, test } from '../support/fixtures'
import { drawing } from '../support/pictures'

interface Dataset {
  id: number
  namespace: string
  name: string
}

/** Makes an account, which the page is then signed in as. */
async function newcomer(page: Page): Promise<Account> {
  const account = { name: newName('ada'), password: newName('a-long-and-private-phrase-') }
  const register = new RegisterPage(page)
  await register.open()
  await register.register(account)
  await register.header.showsUser(account.name)
  return account
}

function make(api: Api, namespace: string, visibility: string, more: object = {}): Promise<Dataset> {
  return api.post<Dataset>('/v1/datasets', { namespace, name: newName('set-'), visibility, ...more })
}

const named = ({ namespace, name }: Dataset): string => `${namespace}/${name}`

/** The query that finds the pictures of a dataset, as an address has it. */
const query = (name: string): string => `/query?query=${encodeURIComponent(`want:\n  - in_dataset: ["${name}"]\n`)}`

test('a dataset is made, filled, found, queried and annotated', async ({ page, api }) => {
  test.slow()
  await api.signIn(keeper)
  const dataset = new DatasetPage(page)
  const name = newName('birds-')
  const tag = newName('tag')
  await dataset.make({
    name,
    description: '## Of our garden\n\nSee the [help](/help), *all of it*. <script>alert(1)</script>',
    visibility: 'Internal',
    tags: `${tag}, Birds`,
  })
  const full = `${keeper.name}/${name}`
  await expect(page).toHaveURL(new RegExp(`/${full}$`))
  const description = page.getByRole('region', { name: 'Description' })
  await expect(description.getByRole('heading', { name: 'Of our garden' })).toBeVisible()
  await expect(description.getByRole('link', { name: 'help' })).toHaveAttribute('href', '/help')
  await expect(description.locator('script')).toHaveCount(0)
  await expect(page.getByText('everybody who is signed in sees it', { exact: false }).first()).toBeVisible()

  await page.getByRole('main').getByRole('link', { name: 'Upload', exact: true }).click()
  const upload = new UploadPage(page)
  await expect(page.getByLabel('Dataset')).toHaveValue(full)
  const title = newName('Robin ')
  await upload.choose([drawing('robin.png')])
  await upload.title('robin.png').fill(title)
  await upload.describe({ nature: 'photo', licence: /Commons Zero/ })
  const [picture = 0] = await upload.send(1)
  await page.getByRole('link', { name: 'Show the dataset' }).click()
  await expect(dataset.pictures).toHaveText([title])
  await expect(page.getByRole('list', { name: 'How much there is' })).toContainText('1 picture')

  // The picture says where it belongs.
  await open(page, `/picture/${picture}`)
  await expect(page.getByRole('main').getByRole('link', { name: full })).toHaveAttribute('href', `/${full}`)

  const list = new DatasetsPage(page)
  await list.open()
  await list.field('Search').fill('of our garden')
  await list.field('Tag').fill(tag)
  await list.field('Order').selectOption('newest')
  await list.show()
  await expect(page).toHaveURL(new RegExp(`tag=${tag}`))
  await expect(list.cards).toHaveCount(1)
  await expect(list.cards.first()).toContainText('Of our garden See the help, all of it.')
  await list.link(full).click()
  await expect(dataset.heading).toHaveText(name)
  await page.getByRole('link', { name: tag, exact: true }).click()
  await expect(list.cards).toHaveCount(1)

  await dataset.open(full)
  await page.getByRole('main').getByText('More', { exact: true }).click()
  await page.getByRole('link', { name: 'Query these pictures' }).click()
  await new QueryPage(page).finds([title])
  await dataset.open(full)
  await dataset.view('Statistics')
  await expect(page).toHaveURL(new RegExp(`/${full}\\?view=statistics$`))
  const licences = page.getByRole('region', { name: 'Pictures by licence' })
  await expect(licences).toBeVisible()
  await licences.locator('.plot-image').getByRole('link', { name: /^CC0-1.0/ }).click()
  await expect(page.getByRole('textbox', { name: 'Query', exact: true })).toHaveValue(new RegExp(`${full}[^]*licence: CC0-1.0`))
  await expect(page.locator('.plot-card').first()).toBeVisible()
  await dataset.open(full)
  await page.getByRole('link', { name: 'Annotate these' }).click()
  await expect(page).toHaveURL(new RegExp(`/picture/${picture}/annotate\\?query=`))
  await expect(page.getByRole('application', { name: 'Annotation canvas' })).toBeVisible()
})

test('what is wrong with a dataset is said beside the field', async ({ page, api, watch }) => {
  watch.allow(/400|409/)
  await api.signIn(keeper)
  const group = newName('lab')
  await api.post('/v1/namespaces', { name: group, visibility: 'internal' })
  const dataset = new DatasetPage(page)
  await open(page, `/datasets/new?namespace=${group}`)
  await expect(page.getByLabel('Namespace')).toHaveValue(group)
  // What the namespace does not allow cannot be chosen, and the form says why.
  await expect(dataset.visibility('Public')).toBeDisabled()
  await expect(page.getByText(`The namespace ${group} is internal`)).toBeVisible()
  await page.getByLabel('Namespace').selectOption(keeper.name)
  await expect(dataset.visibility('Public')).toBeEnabled()
  await dataset.visibility('Public').check()
  await page.getByLabel('Namespace').selectOption(group)
  await expect(dataset.visibility('Internal')).toBeChecked()

  await dataset.fill({ name: 'No Good', visibility: 'Internal' })
  await page.getByRole('button', { name: 'Make the dataset' }).click()
  await expect(page.locator('#name-error')).toContainText('lower-case')
  await expect(page.getByLabel('Name', { exact: true })).toBeFocused()
  const name = newName('set-')
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByRole('button', { name: 'Make the dataset' }).click()
  await expect(dataset.heading).toHaveText(name)

  // The namespace cannot go below its datasets.
  await open(page, `/namespace/${group}?view=settings`)
  await dataset.visibility('Private').check()
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('alert').filter({ hasText: name })).toBeVisible()
})

test('settings are changed, and a dataset goes with its pictures', async ({ page, api, baseURL, watch }) => {
  watch.allow(/400/)
  await api.signIn(keeper)
  const made = await make(api, keeper.name, 'public')
  const picture = await api.upload(drawing('goes.png'), { dataset: named(made) })
  const dataset = new DatasetPage(page)
  await dataset.open(named(made))
  await dataset.view('Settings')
  const name = newName('other-')
  await dataset.fill({ name, description: 'Another text.', visibility: 'Private', tags: 'one, two' })
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page).toHaveURL(`${baseURL}/${keeper.name}/${name}?view=settings`)
  await expect(dataset.heading).toHaveText(name)
  await expect(page.getByRole('list', { name: 'Tags' })).toHaveText(/one\s*two/)
  await expect(page.getByLabel('Description')).toHaveValue('Another text.')
  await expect(dataset.visibility('Private')).toBeChecked()

  await expect(page.getByText('Its picture goes with it')).toBeVisible()
  await page.getByLabel('Its name, once more').fill('something else')
  await page.getByRole('button', { name: 'Delete the dataset' }).click()
  await expect(page.locator('#confirm-error')).toContainText(name)
  await page.getByLabel('Its name, once more').fill(name)
  await page.getByRole('button', { name: 'Delete the dataset' }).click()
  await expect(page).toHaveURL(`${baseURL}/datasets`)
  expect((await page.request.get(`/${keeper.name}/${name}`)).status()).toBe(404)
  expect((await page.request.get(`/picture/${picture.id}`)).status()).toBe(404)
})

test('everybody sees what their visibility allows, and nothing else exists for them', async ({ page, elsewhere, api, watch }) => {
  test.slow()
  watch.allow(/404|400/)
  const ada = await newcomer(page)
  const tag = newName('seen')
  const all = new Map<Visibility, { full: string; title: string; picture: number; bytes: string[] }>()
  for (const visibility of ['Public', 'Internal', 'Private'] as const) {
    const made = await make(api, ada.name, visibility.toLowerCase(), { tags: [tag] })
    const title = newName(`${visibility} `)
    const picture = await api.upload(drawing(`${title}.png`), { title, dataset: named(made) })
    const image = new URL(picture.download).pathname
    const hash = /[0-9a-f]{64}/.exec(image)?.[0] ?? ''
    const files = `/api/v1/datasets/${made.id}`
    const bytes = [image, `/thumbnail/${hash}/320`, `${files}/files/`, `${files}/archive?format=zip`, `${files}/commits`]
    all.set(visibility, { full: named(made), title, picture: picture.id, bytes })
  }
  const bob = await elsewhere()
  const { name: bobs } = await newcomer(bob)
  const stranger = await elsewhere()

  const look = async (by: Page, seen: Visibility[]): Promise<void> => {
    const list = new DatasetsPage(by)
    await list.open(`tag=${tag}`)
    await expect(list.cards).toHaveCount(seen.length)
    for (const [visibility, { full }] of all) await expect(list.link(full)).toHaveCount(seen.includes(visibility) ? 1 : 0)
    for (const [visibility, { full, title, picture, bytes }] of all) {
      const sees = seen.includes(visibility)
      for (const path of [`/${full}`, `/${full}?view=files`, `/${full}?view=history`, `/picture/${picture}`, ...bytes]) {
        expect((await by.request.get(path)).status(), `${path}: ${visibility}`).toBe(sees ? 200 : 404)
      }
      await open(by, query(full))
      if (sees) await new QueryPage(by).finds([title])
      else await expect(new QueryPage(by).errors).toContainText('unknown dataset')
      await open(by, `/query?query=${encodeURIComponent(`want: [{title: "${title}"}]`)}`)
      await expect(new QueryPage(by).results).toHaveCount(sees ? 1 : 0)
    }
  }
  await look(page, ['Public', 'Internal', 'Private'])
  await look(bob, ['Public', 'Internal'])
  await look(stranger, ['Public'])

  // What may not be seen is told of in the words for what is not there.
  const secret = all.get('Private')?.full ?? ''
  const words = async (path: string): Promise<string> => {
    await open(stranger, path)
    return (await stranger.getByRole('main').innerText()).replace(path.slice(1), '…')
  }
  expect(await words(`/${secret}`)).toBe(await words(`/${ada.name}/not-there`))

  const dataset = new DatasetPage(page)
  await dataset.open(secret, 'members')
  await dataset.add('nobody-of-this-name', 'reader')
  await expect(page.locator('#username-error')).toContainText('not a user')
  await dataset.add(bobs, 'reader')
  await expect(dataset.member(bobs)).toHaveCount(1)
  const theirs = new DatasetPage(bob)
  await theirs.open(secret)
  await expect(theirs.pictures).toHaveText([all.get('Private')?.title ?? ''])
  await expect(bob.getByRole('main').getByRole('link', { name: 'Upload', exact: true })).toHaveCount(0)
  await expect(bob.getByRole('link', { name: 'Settings' })).toHaveCount(0)

  await page.getByRole('combobox', { name: `Role of ${bobs}`, exact: true }).selectOption('writer')
  await page.getByRole('button', { name: `Change the role of ${bobs}` }).click()
  await expect(page.getByText('The role is given.').last()).toBeVisible()
  await expect.poll(async () => {
    await bob.goto(`/${secret}`)
    return bob.getByRole('main').getByRole('link', { name: 'Upload', exact: true }).count()
  }).toBe(1)

  await open(page, `/${secret}?view=members`)
  // Who is removed is asked about before, and stays if the answer is no.
  await page.getByRole('button', { name: `Remove ${bobs}` }).click()
  const question = page.getByRole('dialog', { name: `Remove ${bobs}?` })
  await question.getByRole('button', { name: 'Cancel' }).click()
  await expect(dataset.member(bobs)).toHaveCount(1)
  await page.getByRole('button', { name: `Remove ${bobs}` }).click()
  await question.getByRole('button', { name: 'Remove', exact: true }).click()
  await expect(dataset.member(bobs)).toHaveCount(0)
  await expect.poll(async () => (await bob.request.get(`/${secret}`)).status()).toBe(404)
})

test('a group is made, shares its datasets with its members, and goes', async ({ page, elsewhere, api, baseURL }) => {
  test.slow()
  await newcomer(page)
  const bob = await elsewhere()
  const { name: bobs } = await newcomer(bob)
  const group = newName('lab')
  await open(page, '/namespaces')
  await page.getByRole('link', { name: 'New group' }).click()
  await page.getByLabel('Name', { exact: true }).fill(group)
  const dataset = new DatasetPage(page)
  await dataset.visibility('Internal').check()
  await page.getByRole('button', { name: 'Make the group' }).click()
  await expect(page).toHaveURL(`${baseURL}/namespace/${group}`)
  await expect(dataset.heading).toHaveText(group)
  await dataset.view('Members')
  await dataset.add(bobs, 'writer')
  await expect(dataset.member(bobs)).toHaveCount(1)

  const made = await make(api, group, 'private')
  await open(page, `/${named(made)}?view=members`)
  const around = page.getByRole('region', { name: 'Members of the namespace' })
  await expect(around.getByRole('row').filter({ hasText: bobs })).toContainText(`WriterNamespace ${group}`)
  await expect(around.getByRole('button')).toHaveCount(0)
  await open(page, `/${group}`)
  await expect(dataset.heading).toHaveText(group)
  await expect(page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Datasets' })).toHaveAttribute('aria-current', 'page')
  await open(bob, '/namespaces?mine=true')
  await bob.getByRole('link', { name: group, exact: true }).click()
  await bob.getByRole('link', { name: named(made), exact: true }).click()
  await expect(new DatasetPage(bob).heading).toHaveText(made.name)
  await bob.getByRole('main').getByRole('link', { name: 'Upload', exact: true }).click()
  await expect(bob.getByLabel('Dataset')).toHaveValue(named(made))
  // Who leaves a group sees no more of what is private there.
  await open(bob, `/namespace/${group}?view=members`)
  await bob.getByRole('button', { name: 'Leave' }).click()
  await bob.getByRole('dialog').getByRole('button', { name: 'Leave' }).click()
  await expect(new DatasetPage(bob).member(bobs)).toHaveCount(0)
  await expect.poll(async () => (await bob.request.get(`/${named(made)}`)).status()).toBe(404)

  await open(page, `/namespace/${group}?view=settings`)
  await expect(page.getByText('It has datasets.')).toBeVisible()
  const gone = await page.request.post(`/api/v1/datasets/${made.id}/delete`, { headers: { origin: baseURL ?? '' } })
  expect(gone.status()).toBe(204)
  await page.reload()
  await page.getByRole('button', { name: 'Delete the group' }).click()
  await expect(page).toHaveURL(`${baseURL}/namespaces`)
  expect((await page.request.get(`/namespace/${group}`)).status()).toBe(404)
})

test('an address that names a dataset one may not write into uploads nothing elsewhere', async ({ page, api }) => {
  await api.signIn(keeper)
  await open(page, '/upload?dataset=no-such/thing')
  await expect(page.getByRole('alert').filter({ hasText: 'no-such/thing' })).toBeVisible()
  await expect(page.locator('input[type=file]')).toHaveCount(0)
  await page.getByRole('link', { name: 'Choose another place' }).click()
  await expect(page.getByLabel('Dataset')).toHaveValue('')
  await expect(page.locator('input[type=file]')).toHaveCount(1)
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('datasets are made, found, shared and deleted', async ({ page, api, baseURL, watch }) => {
    // A browser without JavaScript does not preload it either, and says so.
    watch.allow(/ocellus\.js.*csp/)
    await api.signIn(keeper)
    const dataset = new DatasetPage(page)
    const name = newName('plain-')
    await page.goto('/datasets/new')
    await dataset.fill({ name: 'No Good', visibility: 'Public' })
    await page.getByRole('button', { name: 'Make the dataset' }).click()
    await expect(page.locator('#name-error')).toContainText('lower-case')
    await dataset.fill({ namespace: keeper.name, name, description: 'Without *script*.', visibility: 'Public', tags: 'plain' })
    await page.getByRole('button', { name: 'Make the dataset' }).click()
    await expect(page).toHaveURL(`${baseURL}/${keeper.name}/${name}`)
    await expect(page.getByText('Without script.')).toBeVisible()

    await page.goto('/datasets')
    const list = new DatasetsPage(page)
    await list.field('Search').fill(name)
    await list.show()
    await expect(list.cards).toHaveCount(1)
    await list.link(`${keeper.name}/${name}`).click()
    await dataset.view('Members')
    await dataset.add(keeper.name, 'reader')
    await expect(dataset.member(keeper.name)).toHaveCount(1)
    await page.getByRole('button', { name: 'Leave' }).click()
    await expect(dataset.member(keeper.name)).toHaveCount(0)
    await dataset.view('Settings')
    await page.getByLabel('Its name, once more').fill(name)
    await page.getByRole('button', { name: 'Delete the dataset' }).click()
    await expect(page).toHaveURL(`${baseURL}/datasets`)
  })
})

/** Every page about datasets, for somebody who may do everything; the dataset has this file, and a version `v1`. */
function pages(dataset: Dataset, file: string): string[] {
  const full = `/${named(dataset)}`
  const namespace = `/namespace/${dataset.namespace}`
  return [
    ...['/datasets', `/datasets?namespace=${dataset.namespace}&tag=one`, '/datasets?search=nothing-like-this', '/datasets/new'],
    ...[full, `${full}?view=statistics`, `${full}?view=members`, `${full}?view=settings`],
    ...[`${full}?view=files`, `${full}?view=files&path=nowhere`, `${full}?view=files&find=a`, `${full}?view=history`],
    ...[`${full}?view=file&path=${file}`, `${full}?view=commit&ref=v1`, `${full}?view=compare&to=v1`],
    ...['/namespaces', '/namespaces/new', namespace, `${namespace}?view=members`, `${namespace}?view=settings`],
    ...[`/upload?dataset=${encodeURIComponent(named(dataset))}`, '/upload?dataset=nothing', `/user/${dataset.namespace}`],
  ]
}

const markdown = '# Heading\n\nText with `code` and a [link](/help).\n\n- one\n- two\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n```\nlong\n```\n'

for (const scheme of ['light', 'dark'] as const) {
  test.describe(`in ${scheme} colours`, () => {
    test.use({ colorScheme: scheme })

    test('axe finds nothing on the pages about datasets', async ({ page, api, watch }) => {
      watch.allow(/404/)
      test.setTimeout(300_000)
      await api.signIn(keeper)
      const group = newName('axe')
      await api.post('/v1/namespaces', { name: group, visibility: 'internal' })
      const dataset = await make(api, group, 'internal', { description: markdown, tags: ['one', 'two'] })
      await api.upload(drawing('axe.png'), { dataset: named(dataset) })
      await api.post(`/v1/datasets/${dataset.id}/tags`, { name: 'v1' })
      const problems: string[] = []
      for (const path of pages(dataset, 'axe.png').filter((path) => !path.startsWith('/user/'))) {
        await open(page, path)
        for (const problem of await violations(page)) problems.push(`${path}: ${problem}`)
      }
      expect(problems).toEqual([])
    })
  })
}

test.describe('on a small screen', () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true })

  test('all views of a dataset are reached by scrolling their row', async ({ page, api }) => {
    await api.signIn(keeper)
    await open(page, `/${named(await make(api, keeper.name, 'private'))}`)
    const views = page.getByRole('navigation', { name: 'Views' })
    const settings = views.getByRole('link', { name: 'Settings' })
    await expect(settings).not.toBeInViewport()
    await views.evaluate((row) => row.scrollTo({ left: row.scrollWidth }))
    await expect(settings).toBeInViewport({ ratio: 1 })
    await settings.click()
    await expect(page.getByLabel('Its name, once more')).toBeVisible()
  })

  test('no page about datasets scrolls sideways', async ({ page, api, baseURL, watch }) => {
    watch.allow(/404/)
    test.setTimeout(180_000)
    await api.signIn(keeper)
    const long = 'verylongword'.repeat(8)
    const more = { name: `${newName('narrow-')}-${'long'.repeat(6)}`, description: `${markdown}\n${long}\n\n    ${long}`, tags: [long.slice(0, 50)] }
    const dataset = await make(api, keeper.name, 'public', more)
    await api.upload(drawing('narrow.png', 1600, 900), { dataset: named(dataset) })
    await api.post(`/v1/datasets/${dataset.id}/tags`, { name: 'v1' })
    const member = { data: { username: keeper.name, role: 'annotator' }, headers: { origin: baseURL ?? '' } }
    expect((await page.request.post(`/api/v1/datasets/${dataset.id}/members`, member)).status()).toBe(204)
    const wide: string[] = []
    for (const path of pages(dataset, 'narrow.png')) {
      await open(page, path)
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      if (overflow > 0) wide.push(`${path}: ${overflow} px`)
    }
    expect(wide).toEqual([])
  })
})
