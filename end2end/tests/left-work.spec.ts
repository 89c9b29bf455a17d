import { FlowBar } from '../pages/flow'
import { type Api, type Page, type Picture, expect, newName, open, test } from '../support/fixtures'
import { drawing } from '../support/pictures'

/** Two pictures in a row of their own, the first in the editor. */
async function start(page: Page, api: Api): Promise<{ flow: FlowBar; first: Picture; second: Picture }> {
  const word = newName('left')
  const first = await api.upload(drawing('1.png'), { title: `${word} 1` })
  const second = await api.upload(drawing('2.png'), { title: `${word} 2` })
  const fetched = page.waitForResponse(
    (answer) => answer.url().endsWith('/fn/queue') && answer.request().postData()?.includes(`${second.id}`) === true,
  )
  const query = encodeURIComponent(`want:\n  - title: "${word}%"\n`)
  await open(page, `/picture/${first.id}/annotate?ordering=title-asc&query=${query}`)
  await fetched
  return { flow: new FlowBar(page), first, second }
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
  const notice = page.getByRole('status', { name: 'Unsaved work on other pictures' })
  await expect(notice).toContainText(`${first.title}: Signed out, 1 unsaved change`)
  expect(await api.annotations(first.id)).toHaveLength(0)
  await context.addCookies(cookies)
  await notice.getByRole('button', { name: 'Try again' }).click()
  await expect(notice).toBeEmpty()
  expect(await api.annotations(first.id)).toHaveLength(1)
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

test('a region without an object waits on the picture that was left', async ({ page, api, studio }) => {
  const { flow, first, second } = await start(page, api)
  const editor = await flow.at(first, '1 of 2')
  await editor.drawBox([0.2, 0.2], [0.5, 0.5])
  await flow.button('Next picture').click()
  await flow.at(second, '2 of 2')
  const notice = page.getByRole('status', { name: 'Unsaved work on other pictures' })
  await expect(notice).toContainText('1 region needs an object')
  await notice.getByRole('link', { name: first.title }).click()
  const again = await flow.at(first, '1 of 2')
  await expect(notice).toBeEmpty()
  await expect(again.regions).toHaveCount(1)
  await again.tool('Select')
  await again.click([0.35, 0.35])
  await again.pickObject(studio.object)
  await again.saved()
  expect(await api.annotations(first.id)).toHaveLength(1)
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
  await open(later, `/picture/${second.id}/annotate`)
  const notice = later.getByRole('status', { name: 'Unsaved work on other pictures' })
  await expect(notice).toContainText('unsaved work of an earlier visit')
  await notice.getByRole('link', { name: `picture ${first.id}` }).click()
  await expect(later).toHaveURL(new RegExp(`/picture/${first.id}/annotate`))
  await expect.poll(() => api.annotations(first.id)).toHaveLength(1)
  await expect(notice).toBeEmpty()
})

test('tool and object stay from picture to picture', async ({ page, api, studio }) => {
  const { flow, first, second } = await start(page, api)
  const editor = await flow.at(first, '1 of 2')
  await editor.drawBox([0.2, 0.2], [0.5, 0.5])
  await editor.pickObject(studio.object)
  await page.keyboard.press('PageDown')
  const next = await flow.at(second, '2 of 2')
  await expect(next.button('Box')).toHaveAttribute('aria-pressed', 'true')
  await next.drag([0.2, 0.2], [0.5, 0.5])
  await next.saved()
  expect((await api.annotations(second.id)).map((region) => region.object)).toEqual([studio.object])
})
