import { violations } from '../support/axe'
import { expect, hydrated, keeper, newName, open, test } from '../support/fixtures'
import { drawing } from '../support/pictures'

/** Every page of the site, for someone who is signed in. `{picture}` and so on stand for what the test made. */
const pages = [
  '/',
  '/query',
  '/query?query={query}',
  '/query?query={query}&view=statistics',
  '/queries',
  '/queries?owner={user}',
  '/upload',
  '/picture/{picture}',
  '/picture/{picture}?form=edit',
  '/picture/{picture}/replace',
  '/picture/{picture}/annotate',
  '/objects',
  '/object/{object}',
  '/objects?top=true',
  '/objects/import',
  '/licences',
  '/licence/CC-BY-SA-4.0',
  '/natures',
  '/nature/photo',
  '/galleries',
  '/galleries/new',
  '/gallery/{gallery}',
  '/gallery/{gallery}?arrange=1',
  '/gallery/{gallery}/slideshow',
  '/embed/gallery/{gallery}',
  '/user/{user}',
  '/user/{user}/contributions',
  '/galleries?owner={user}',
  '/account',
  '/account/password',
  '/account/token',
  '/account/close',
  '/administration',
  '/administration?kind=suspended',
  '/administration/log',
  '/administration/user/{user}',
  '/administration/user/{user}/reset-link',
  '{reset}',
  '/reset?token=used',
  '/{dataset}?view=files',
  '/{dataset}?view=upload&path=masks',
  '/{dataset}?view=upload&path=.git',
  '/help',
  '/no-such-page',
]
const signedOut = ['/register', '/login', '/']

for (const scheme of ['light', 'dark'] as const) {
  test.describe(`in ${scheme} colours`, () => {
    test.use({ colorScheme: scheme })

    test('axe finds nothing on any page', async ({ page, api, context, watch }) => {
      // Many pages, on whatever machine.
      test.setTimeout(600_000)
      watch.allow(/404/)
      await api.signIn(keeper)
      const object = newName('Axe ')
      await api.newObject(object)
      const annotations = [{ type: 'bbox', shape: { x: 0.2, y: 0.2, w: 0.5, h: 0.5 }, object }]
      const picture = await api.upload(drawing('axe.png'), { annotations })
      const gallery = await api.post<{ id: number }>('/new-gallery', { title: newName('Axe ') })
      await api.post(`/gallery/${gallery.id}/add-picture`, { picture_id: picture.id })
      await api.post('/new-saved-query', { title: newName('Axe '), query: 'want:\n  - above_width: 1\n', public: true })
      const { url } = await api.post<{ url: string }>(`/user/${keeper.name}/reset-link`, {})
      const dataset = await api.post<{ name: string }>('/v1/datasets', { namespace: keeper.name, name: newName('axe-'), visibility: 'private' })
      const names: Record<string, string> = {
        dataset: `${keeper.name}/${dataset.name}`,
        reset: new URL(url).pathname + new URL(url).search,
        picture: String(picture.id),
        gallery: String(gallery.id),
        object: encodeURIComponent(object),
        user: keeper.name,
        query: encodeURIComponent(`want: [{has_object: ["${object}"]}]`),
      }
      const problems: string[] = []
      const check = async (path: string): Promise<void> => {
        await open(page, path)
        for (const problem of await violations(page)) problems.push(`${path}: ${problem}`)
      }
      for (const path of pages) await check(path.replace(/\{(\w+)\}/g, (_, name: string) => names[name] ?? ''))
      await context.clearCookies()
      for (const path of signedOut) await check(path)
      expect(problems).toEqual([])
    })
  })
}

test.describe('on a small screen', () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true })

  test('no page scrolls sideways', async ({ page, api, watch }) => {
    test.setTimeout(120_000)
    watch.allow(/404/)
    await api.signIn(keeper)
    const picture = await api.upload(drawing('narrow.png', 1600, 900), { title: `narrow ${'verylongword'.repeat(8)}` })
    const { id: gallery } = await api.post<{ id: number }>('/new-gallery', { title: newName('Narrow ') })
    await api.post(`/gallery/${gallery}/add-picture`, { picture_id: picture.id })
    await api.post('/new-saved-query', { title: `${newName('narrow-')}${'verylongword'.repeat(8)}`, query: `want: [{title: ${'verylongword'.repeat(20)}}]` })
    const { name: dataset } = await api.post<{ name: string }>('/v1/datasets', { namespace: keeper.name, name: newName('narrow-'), visibility: 'private' })
    const wide: string[] = []
    for (const path of [`/${keeper.name}/${dataset}?view=upload&path=${'verylongword'.repeat(8)}`, `/gallery/${gallery}`, `/gallery/${gallery}?arrange=1`, `/gallery/${gallery}/slideshow`, '/galleries/new', '/', '/query', '/query?view=statistics', '/queries', '/upload', `/picture/${picture.id}`, `/picture/${picture.id}?form=edit`, `/picture/${picture.id}/replace`, `/picture/${picture.id}/annotate`, '/objects', '/objects/import', '/licences', '/natures', '/galleries', '/account', '/account/password', '/account/token', '/account/close', '/help', '/login', '/register', `/user/${keeper.name}`, `/user/${keeper.name}/contributions`, '/administration', '/administration/log', `/administration/user/${keeper.name}`]) {
      await open(page, path)
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      if (overflow > 0) wide.push(`${path}: ${overflow} px`)
    }
    expect(wide).toEqual([])
  })
})

test('the colours follow the switch and are remembered', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' })
  await open(page, '/')
  const background = (): Promise<string> => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
  const light = await background()
  await page.getByRole('button', { name: 'Switch between light and dark' }).click()
  await expect.poll(background).not.toBe(light)
  await page.reload()
  await hydrated(page)
  expect(await background()).not.toBe(light)
})
