import { RegisterPage } from '../pages/accounts'
import { EditorPage } from '../pages/editor'
import { ObjectsPage } from '../pages/objects'
import { QueryPage } from '../pages/query'
import { UploadPage } from '../pages/upload'
import { type Picture, type Region, expect, newName, test } from '../support/fixtures'
import { threePictures } from '../support/pictures'
import { Server } from '../support/server'

/** The way of a newcomer through the whole platform, on a site where nobody has been before. */
test('a newcomer brings pictures in, draws on one, and finds it by what it shows', async ({ page, context }) => {
  test.slow()
  const site = await Server.create()
  try {
    await site.start()
    await site.addUser('keeper', 'keeps-the-whole-site-tidy', true)
    const newcomer = { name: newName('ada'), password: newName('a-long-and-private-phrase-') }
    await page.goto(site.url)

    const register = new RegisterPage(page)
    await register.open(`${site.url}/register`)
    await register.register(newcomer)
    await register.header.showsUser(newcomer.name)

    const upload = new UploadPage(page)
    await upload.open(`${site.url}/upload`)
    const files = threePictures()
    await upload.choose(files)
    await upload.describe({ nature: 'photo', licence: /Commons Zero/ })
    const ids = await upload.send(files.length)
    expect(new Set(ids).size).toBe(3)

    const objects = new ObjectsPage(page)
    await objects.open(`${site.url}/objects`)
    await objects.create('Cat')

    const answer = async <T>(path: string): Promise<T> => {
      // What `curl --cookie` would send: the session's cookie and nothing else of the browser.
      const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
      const response = await fetch(`${site.url}/api${path}`, { headers: { cookie } })
      expect(response.ok, `${path}: ${response.status}`).toBe(true)
      return (await response.json()) as T
    }

    const picture = await answer<Picture>(`/picture/${ids[1]}/`)
    const editor = new EditorPage(page, picture)
    await editor.open(site.url)
    await editor.drawBox([0.1, 0.15], [0.45, 0.6])
    await editor.pickObject('Cat')
    await editor.drawCorners('Polygon', [[0.55, 0.2], [0.9, 0.35], [0.8, 0.85], [0.6, 0.7]])
    await editor.saved()
    const drawn = await answer<Region[]>(`/picture/${picture.id}/annotations`)
    expect(drawn.map(({ type, object }) => [type, object])).toEqual([['bbox', 'Cat'], ['polygon', 'Cat']])

    await page.reload()
    await editor.ready()
    await expect(editor.regions).toHaveCount(2)
    expect(await answer<Region[]>(`/picture/${picture.id}/annotations`)).toEqual(drawn)

    const query = new QueryPage(page)
    await query.open('', site.url)
    await query.write('want:\n  - has_object: ["Cat"]\n')
    await expect(query.results).toHaveCount(1)
    await expect(query.results.getByRole('link').first()).toHaveAttribute('href', `/picture/${picture.id}`)

    const found = await answer<Picture[]>(`/query-pictures?query=${encodeURIComponent('want: [{has_object: ["Cat"]}]')}`)
    expect(found.map(({ id }) => id)).toEqual([picture.id])
    expect(found[0]?.regions).toEqual(drawn)
  } finally {
    await site.remove()
  }
})
