import { RegisterPage } from '../pages/accounts'
import { FlowBar } from '../pages/flow'
import { violations } from '../support/axe'
import { type Api, type Picture, expect, keeper, newName, open, test } from '../support/fixtures'
import { drawing } from '../support/pictures'

interface Dataset {
  id: number
  namespace: string
  name: string
}

interface Project {
  id: number
}

/** A public dataset of the keeper's with pictures, whose titles are their paths. */
async function filled(api: Api, names: string[]): Promise<{ dataset: Dataset; pictures: Picture[] }> {
  const made = { namespace: keeper.name, name: newName('work-'), visibility: 'public' }
  const dataset = await api.post<Dataset>('/v1/datasets', made)
  const pictures: Picture[] = []
  for (const name of names) {
    await api.putFile(dataset.id, name, drawing(name).buffer)
    const [file] = await api.get<{ picture: number }[]>(`/v1/datasets/${dataset.id}/files/?prefix=${name}`)
    pictures.push(await api.get<Picture>(`/picture/${file?.picture ?? 0}`))
  }
  return { dataset, pictures }
}

function at<T>(list: T[], index: number): T {
  const one = list[index]
  if (one === undefined) throw new Error(`there is none at ${index}`)
  return one
}

test('a project goes from start to acceptance between two people', async ({ page, api, elsewhere, watch }) => {
  watch.allow(/400.*new_project|new_project.*400/)
  test.slow()
  await api.signIn(keeper)
  const { dataset, pictures } = await filled(api, ['a.png', 'b.png', 'c.png'])
  const [asked, other] = [newName('Whisker '), newName('Tail ')]
  await api.newObject(other)
  const theirs = await elsewhere()
  const bob = { name: newName('bob'), password: newName('a-long-and-private-phrase-') }
  const register = new RegisterPage(theirs)
  await register.open()
  await register.register(bob)
  await register.header.showsUser(bob.name)
  await api.post(`/v1/datasets/${dataset.id}/tags`, { name: 'v1' })

  // It is started from the dataset's page.
  await open(page, `/${dataset.namespace}/${dataset.name}`)
  await page.getByRole('main').getByText('More', { exact: true }).click()
  await page.getByRole('link', { name: 'Start a project' }).click()
  await expect(page.getByLabel('Dataset')).toHaveValue(`${dataset.namespace}/${dataset.name}`)
  await page.getByLabel('Version').fill('v1')
  const name = newName('Whiskers ')
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('Instructions').fill('Mark **every** whisker.')
  await page.getByLabel('Objects to annotate').fill(asked)
  await page.getByLabel('Annotators').fill(bob.name)
  const myself = page.getByLabel('annotate, too', { exact: false })
  await expect(myself).toBeChecked()
  await myself.uncheck()
  await page.getByRole('button', { name: 'Start the project' }).click()
  // What is not registered yet is registered here.
  await expect(page.locator('#objects-error')).toContainText('not a registered object')
  await page.getByLabel('Register those of them that there are not yet').check()
  await page.getByRole('button', { name: 'Start the project' }).click()
  // Nobody annotates who may not do so in the dataset, and nothing that was typed is lost.
  await expect(page.getByText('who may not annotate in the dataset', { exact: false })).toBeVisible()
  await expect(page.getByLabel('Instructions')).toHaveValue('Mark **every** whisker.')
  await api.post(`/v1/datasets/${dataset.id}/members`, { username: bob.name, role: 'annotator' })
  await page.getByRole('button', { name: 'Start the project' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(name)
  await expect(page.getByRole('list', { name: 'How far it is' })).toContainText('3 to do (100 %)')
  await expect(page.getByRole('img', { name: 'Progress' })).toBeVisible()
  expect(await violations(page)).toEqual([])
  const project = new URL(page.url()).pathname

  // Bob goes through his queue.
  await open(theirs, project)
  await theirs.getByRole('link', { name: 'Annotate my 3 pictures' }).click()
  const flow = new FlowBar(theirs)
  const work = flow.bar.getByRole('group', { name: 'Work' })
  const editor = await flow.at(at(pictures, 0), '1 of 3')
  await expect(work).toContainText('To do')
  await work.getByRole('button', { name: 'Instructions' }).click()
  await expect(theirs.getByRole('dialog')).toContainText('Mark every whisker.')
  await theirs.keyboard.press('Escape')
  // The picker offers what the project asks for, and nothing else.
  await editor.drawBox([0.2, 0.2], [0.5, 0.6])
  await editor.object.fill(other)
  await expect(editor.options).toHaveCount(0)
  await editor.pickObject(asked)
  await editor.saved()
  await flow.button('Done').click()
  await flow.at(at(pictures, 1), '2 of 3')
  await expect(work).toContainText('To do')
  await flow.button('Needs review').click()
  await theirs.getByLabel('What should others look at?').fill('Is this one?')
  await theirs.getByRole('button', { name: 'Mark for review' }).click()
  await flow.at(at(pictures, 2), '3 of 3')

  // The keeper accepts one, and sends the other back.
  await open(page, project)
  await expect(page.getByRole('list', { name: 'How far it is' })).toContainText('1 done')
  await page.getByRole('link', { name: 'Review 2 pictures' }).click()
  const reviewing = new FlowBar(page)
  const seen = reviewing.bar.getByRole('group', { name: 'Work' })
  await reviewing.at(at(pictures, 0), '1 of 2')
  await expect(seen).toContainText('Done')
  await reviewing.bar.getByRole('button', { name: 'Accept', exact: true }).click()
  await reviewing.at(at(pictures, 1), '2 of 2')
  await expect(seen).toContainText('Is this one?')
  await reviewing.bar.getByRole('button', { name: 'Send back', exact: true }).click()
  const words = `Both whiskers ${'on either side of the nose, and those above the eyes as well, '.repeat(4)}please`
  await page.getByLabel('What is to be done?').fill(words)
  await page.getByRole('dialog').getByRole('button', { name: 'Send back' }).click()
  const said = (of: FlowBar) => of.bar.getByRole('note', { name: 'What was said' })
  await expect(said(reviewing)).toHaveText(words)

  await open(page, `${project}?view=people`)
  const row = page.getByRole('row').filter({ hasText: bob.name })
  await expect(row).toContainText('Annotator')
  await expect(row.getByRole('cell')).toContainText(['Annotator', '2', '2', '1', '0', '1'])
  expect(await violations(page)).toEqual([])
  await open(page, `${project}?view=pictures&state=to_do`)
  const listed = page.getByRole('list', { name: 'Pictures' }).getByRole('listitem')
  await expect(listed).toHaveCount(2)
  await expect(listed.first()).toContainText('Both whiskers')
  await expect(listed.first()).toContainText('Sent back')
  expect(await violations(page)).toEqual([])

  // Bob finds what came back, and reads all that was said of it, on a telephone, too.
  await open(theirs, project)
  await expect(theirs.getByText('1 of them was sent back', { exact: false })).toBeVisible()
  await theirs.getByRole('link', { name: 'Annotate my 2 pictures' }).click()
  await flow.at(at(pictures, 1), '1 of 2')
  await expect(work).toContainText('Sent back')
  await expect(said(flow)).toHaveText(words)
  for (const width of [1280, 390]) {
    await theirs.setViewportSize({ width, height: 800 })
    const cut = await said(flow).evaluate((note) => note.scrollWidth > note.clientWidth || getComputedStyle(note).textOverflow === 'ellipsis')
    expect(cut).toBe(false)
    const box = await said(flow).boundingBox()
    expect(box && box.x >= 0 && box.x + box.width <= width && box.width > width * 0.8).toBe(true)
  }
  // Two rows of tools are as much as the picture can spare.
  const toolbar = await theirs.getByRole('toolbar', { name: 'Tools' }).boundingBox()
  expect(toolbar?.height ?? 1000).toBeLessThan(105)
  expect(await violations(theirs)).toEqual([])
})

test('queues are shared out, taken and put right, and a project is deleted', async ({ page, api, watch }) => {
  watch.allow(/409.*share_out|share_out.*409/)
  await api.signIn(keeper)
  const { dataset } = await filled(api, ['a.png', 'b.png', 'c.png'])
  const name = newName('Sharing ')
  const { id } = await api.post<Project>('/v1/projects', { name, dataset: dataset.id })
  await open(page, `/project/${id}?view=people`)
  await page.getByRole('button', { name: 'Share out' }).click()
  await expect(page.getByText('has no annotators', { exact: false })).toBeVisible()
  await page.getByLabel('Username').fill(keeper.name)
  await page.getByRole('button', { name: 'Add the member' }).click()
  await expect(page.getByRole('row').filter({ hasText: keeper.name })).toContainText('Annotator')
  await open(page, `/project/${id}`)
  await page.getByRole('button', { name: 'Take 3 pictures into my queue' }).click()
  await expect(page.getByRole('link', { name: 'Annotate my 3 pictures' })).toBeVisible()

  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Pictures' }).click()
  await page.getByLabel('Choose a', { exact: true }).check()
  await page.getByLabel('Choose c', { exact: true }).check()
  await page.getByRole('button', { name: 'Put it there' }).click()
  const list = page.getByRole('list', { name: 'Pictures' })
  await expect(list.getByText("In nobody's queue")).toHaveCount(2)
  await page.getByRole('search', { name: 'Pictures' }).locator('[name=annotator]').selectOption({ label: 'Of nobody' })
  await page.getByRole('button', { name: 'Show' }).click()
  await expect(page).toHaveURL(/annotator=-/)
  await expect(list.getByRole('listitem')).toHaveCount(2)

  await open(page, `/projects?search=${encodeURIComponent(name)}`)
  await page.getByRole('link', { name }).click()
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Settings' }).click()
  await page.getByLabel('Its name, once more').fill(name)
  await page.getByRole('button', { name: 'Delete the project' }).click()
  await expect(page).toHaveURL(/\/projects$/)
  await open(page, `/${dataset.namespace}/${dataset.name}`)
  await expect(page.getByText('3 pictures').first()).toBeVisible()
})
