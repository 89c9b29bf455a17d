import { type Locator, type Page, expect } from '@playwright/test'
import { open } from '../support/fixtures'

export type Visibility = 'Private' | 'Internal' | 'Public'

/** The list of datasets. */
export class DatasetsPage {
  readonly cards: Locator

  constructor(readonly page: Page) {
    this.cards = page.getByRole('list', { name: 'Datasets' }).locator('.dataset-card')
  }

  /** Opens the list with what stands after the `?`. */
  async open(search = ''): Promise<void> {
    await open(this.page, search === '' ? '/datasets' : `/datasets?${search}`)
  }

  /** The link to a dataset, by its namespace and name. */
  link(name: string): Locator {
    return this.page.getByRole('main').getByRole('link', { name, exact: true })
  }

  field(name: string): Locator {
    return this.page.getByRole('search', { name: 'Datasets' }).getByLabel(name)
  }

  async show(): Promise<void> {
    await this.page.getByRole('button', { name: 'Show', exact: true }).click()
  }
}

/** What the form of a dataset says, new or old. */
export interface Settings {
  namespace?: string
  name: string
  description?: string
  visibility: Visibility
  tags?: string
}

/** The page of one dataset, and the way to a new one. */
export class DatasetPage {
  readonly heading: Locator
  readonly pictures: Locator
  readonly members: Locator

  constructor(readonly page: Page) {
    this.heading = page.getByRole('heading', { level: 1 })
    this.pictures = page.locator('.picture-grid .picture-title')
    this.members = page.getByRole('region', { name: 'Members', exact: true }).getByRole('row')
  }

  visibility(name: Visibility): Locator {
    return this.page.getByRole('radio', { name: new RegExp(`^${name}`) })
  }

  async fill({ namespace, name, description = '', visibility, tags = '' }: Settings): Promise<void> {
    if (namespace !== undefined) await this.page.getByLabel('Namespace').selectOption(namespace)
    await this.page.getByLabel('Name', { exact: true }).fill(name)
    await this.page.getByLabel('Description').fill(description)
    await this.visibility(visibility).check()
    await this.page.getByLabel('Tags').fill(tags)
  }

  /** Makes a dataset in its form, by way of the list. */
  async make(settings: Settings): Promise<void> {
    await open(this.page, '/datasets')
    await this.page.getByRole('link', { name: 'New dataset' }).click()
    await this.fill(settings)
    await this.page.getByRole('button', { name: 'Make the dataset' }).click()
    await expect(this.heading).toHaveText(settings.name)
  }

  async open(name: string, view = ''): Promise<void> {
    await open(this.page, view === '' ? `/${name}` : `/${name}?view=${view}`)
  }

  async view(name: 'Pictures' | 'Files' | 'History' | 'Statistics' | 'Members' | 'Settings'): Promise<void> {
    const tab = this.page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name })
    await tab.click()
    await expect(tab).toHaveAttribute('aria-current', 'page')
  }

  /** Sends the form that adds a member. */
  async add(username: string, role: string): Promise<void> {
    await this.page.getByLabel('Username').fill(username)
    await this.page.getByLabel('Role', { exact: true }).selectOption(role)
    await this.page.getByRole('button', { name: 'Add the member' }).click()
  }

  member(username: string): Locator {
    return this.members.filter({ hasText: username })
  }
}

/** The views of a dataset's files and of its history. */
export class FilesPage {
  readonly files: Locator
  readonly commits: Locator
  readonly versions: Locator
  readonly changes: Locator

  constructor(readonly page: Page) {
    this.files = page.getByRole('region', { name: 'Folders and files' }).getByRole('rowheader')
    this.commits = page.getByRole('list', { name: 'Commits' }).getByRole('listitem')
    this.versions = page.getByRole('list', { name: 'Versions' }).getByRole('listitem')
    this.changes = page.getByRole('list', { name: 'Changed files' }).getByRole('listitem')
  }

  file(name: string): Locator {
    return this.files.getByRole('link', { name, exact: true })
  }

  /** The folder or file that is shown. */
  get path(): Locator {
    return this.page.getByRole('navigation', { name: 'Folders' }).locator('[aria-current="page"]')
  }

  folder(name: string): Locator {
    return this.page.getByRole('navigation', { name: 'Folders' }).getByRole('link', { name, exact: true })
  }
}
