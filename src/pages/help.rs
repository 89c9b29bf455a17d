//! `/help`: the usage guide, the query language, the shortcuts.

use crate::editor::{COMMANDS, DRAWING_KEYS, GESTURES, LIST_KEYS as REGION_KEYS};
use crate::query::rules::RULES;
use crate::ui::query_editor::inline_code;
use crate::ui::table::Column::Text;
use crate::ui::table::Table;
use crate::ui::text::query_href;
use leptos::prelude::*;
use leptos_meta::Title;

const EXAMPLE: &str = "want:
  - has: [House]
  - has: [Vehicle]
  - nature: [photo, drawing]
  - licence: [CC0-1.0, CC-BY-4.0, CC-BY-SA-4.0]
  - above_width: 800
  - above_height: 600
exclude:
  - has: [Animal]
";

/// What one does with the cards of a list of pictures, and how.
const LIST_KEYS: [(&str, &str); 9] = [
    ("Go to another picture", "Arrow keys, Home, End"),
    ("Open it", "Enter"),
    ("Select it, or no longer", "Space, or its box"),
    ("Select on the way", "Shift and an arrow key"),
    ("Select all from the last one to this one", "Shift and Space, or Shift and its box"),
    ("Select all that the page shows", "Ctrl+A"),
    ("Select several with the mouse", "Drag a frame over them"),
    ("Select these, too", "Hold Shift or Ctrl while you begin the frame"),
    ("End the selection", "Escape"),
];

const CURL_QUERY: &str = "curl https://example.org/api/query-pictures \\
  -H 'Content-Type: application/yaml' \\
  --data-binary 'want: [{has: [Cat]}]'";

const CURL_UPLOAD: &str = "curl https://example.org/api/upload \\
  -H \"Authorization: Bearer $TOKEN\" \\
  -F 'json={\"title\": \"A cat\", \"nature\": \"photo\", \"licence\": [\"CC0-1.0\"]}' \\
  -F file=@cat.jpg";

const CONTENTS: [(&str, &str); 9] = [
    ("upload", "Bring pictures in"),
    ("annotate", "Draw regions"),
    ("shortcuts", "Shortcuts"),
    ("lists", "Lists of pictures"),
    ("objects", "Objects"),
    ("datasets", "Datasets"),
    ("query", "Find pictures"),
    ("rules", "Rules of the query language"),
    ("programs", "For programs"),
];

#[component]
fn Contents() -> impl IntoView {
    let items = CONTENTS
        .into_iter()
        .map(|(id, title)| {
            view! {
                <li>
                    <a href=format!("#{id}")>{title}</a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="contents" aria-label="On this page">
            <ul class="plain-list">{items}</ul>
        </nav>
    }
}

#[component]
fn Rules() -> impl IntoView {
    let rows = RULES
        .iter()
        .map(|rule| {
            view! {
                <tr>
                    <th scope="row">
                        <code>{rule.name}</code>
                    </th>
                    <td data-label="Takes">{rule.form.takes()}</td>
                    <td>"The picture " {inline_code(rule.meaning)} "."</td>
                    <td data-label="Example">
                        <code>{rule.example}</code>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table label="Table of rules" columns=&[Text("Rule"), Text("Takes"), Text("Satisfied when"), Text("Example")]>
            {rows}
        </Table>
    }
}

#[component]
fn People() -> impl IntoView {
    view! {
        <section class="prose" aria-labelledby="upload">
            <h2 id="upload">"Bring pictures in"</h2>
            <p>
                <a href="/upload">"Upload"</a>
                " takes JPEG, PNG, GIF, WebP, TIFF, BMP and SVG files, as many at once as you like. Say once for all of them what their nature is, where they come from and under which licences others may use them; every picture keeps its own title. A file that fails says why and can be tried again without the others."
            </p>
            <p>
                "The file is kept byte for byte as it came. Photographs that a camera stored sideways are shown upright, and regions refer to the upright picture."
            </p>
        </section>
        <section class="prose" aria-labelledby="annotate">
            <h2 id="annotate">"Draw regions"</h2>
            <p>
                "Open a picture and choose Annotate. A region is one shape with one object: "
                <strong>"box"</strong>
                ", "
                <strong>"polygon"</strong>
                ", "
                <strong>"polyline"</strong>
                " for what has a course but no area, and "
                <strong>"point"</strong>
                " for what has only a place. The wheel zooms at the pointer, and the space bar with a drag moves the view."
            </p>
            <p>
                "To say what a region shows, press " <kbd>"O"</kbd>
                " and type a few letters of the object’s name. That is for the selected regions, also for the one that you have just drawn; with nothing selected, after "
                <kbd>"Esc"</kbd>
                ", it is for the next region. Other letters are commands, or do nothing, and whoever would rather have every letter look for an object switches that on in the list of shortcuts. A name that there is not yet is created when you press Enter twice."
            </p>
            <p>
                "What is drawn and dragged snaps to the corners and edges of other boxes, polygons and lines, and to the border of the picture; "
                <kbd>"Alt"</kbd> " suspends that, and " <kbd>"S"</kbd> " switches it off."
            </p>
            <p>
                "Shapes can be drawn by keys alone: with a drawing tool in hand and nothing selected, the arrow keys move a cross over the picture, the space bar sets a corner or a point where it is, or begins and ends a box, and "
                <kbd>"Enter"</kbd> " ends a polygon or line. Zoomed in, the steps are finer."
            </p>
            <p>
                "A region that is locked cannot be changed by mistake, and one that is hidden is out of the way. Both are for you alone and for as long as the picture is open: nothing of it is saved, and undo does not go through it. “Unlock all” and “Show all” end it."
            </p>
            <p>
                "“Annotate these”, above the results of a query and in galleries, leads from picture to picture: to the next, the previous, the next that nobody has annotated. Mark pictures as done, skipped or in need of review, so that others know what is left; each of the three leads on to the next picture. The row stays as it was when you began it: a picture keeps its place also when the query no longer finds it, because it is annotated now. “Annotate these” begins it anew."
            </p>
            <p>
                "If somebody else saved the same picture meanwhile, nobody’s work is overwritten: the editor tells you and lets you decide."
            </p>
        </section>
    }
}

#[component]
fn Shortcuts() -> impl IntoView {
    let commands = COMMANDS
        .iter()
        .filter(|row| !row.help.is_empty())
        .map(|row| {
            let keys = row.keys.iter().map(|key| view! { <kbd>{key.label()}</kbd> " " }).collect_view();
            view! {
                <tr>
                    <th scope="row">{row.name}</th>
                    <td>{keys}</td>
                    <td>{row.help}</td>
                </tr>
            }
        })
        .collect_view();
    let gestures = GESTURES
        .iter()
        .chain(DRAWING_KEYS)
        .chain(REGION_KEYS)
        .map(|(gesture, effect)| {
            view! {
                <tr>
                    <th scope="row">{*effect}</th>
                    <td>{*gesture}</td>
                    <td></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="section" aria-labelledby="shortcuts">
            <div class="section-head">
                <h2 id="shortcuts">"Shortcuts"</h2>
            </div>
            <div class="table-wrap" role="region" aria-label="Table of shortcuts" tabindex="0">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Command"</th>
                            <th scope="col">"Keys or gesture"</th>
                            <th scope="col">"What it does"</th>
                        </tr>
                    </thead>
                    <tbody>{commands} {gestures}</tbody>
                </table>
            </div>
        </section>
    }
}

#[component]
fn Lists() -> impl IntoView {
    let rows = LIST_KEYS
        .into_iter()
        .map(|(effect, keys)| {
            view! {
                <tr>
                    <th scope="row">{effect}</th>
                    <td data-label="Keys or gesture">{keys}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="section" aria-labelledby="lists">
            <div class="section-head">
                <h2 id="lists">"Lists of pictures"</h2>
            </div>
            <div class="stack">
                <p>
                    "The Tab key comes to one picture of a list, and the arrow keys lead from there to the others. What is selected is put into a gallery, changed or deleted together with the bar that appears below."
                </p>
                <Table label="Keys in lists of pictures" columns=&[Text("Effect"), Text("Keys or gesture")]>
                    {rows}
                </Table>
            </div>
        </section>
    }
}

#[component]
fn Objects() -> impl IntoView {
    view! {
        <section class="prose section" aria-labelledby="objects">
            <h2 id="objects">"Objects"</h2>
            <p>
                <a href="/objects">"Objects"</a>
                " are the kinds of things that regions show. An object can have more general ones above it: a Cat is a Mammal and a Pet. Label with the most special object that you are sure of; whoever asks for the general one finds your picture too."
            </p>
            <p>
                "Whoever registered an object can give it another name or merge it into another one; regions go with it, and links and queries with the old name still work. Many objects at once come from "
                <a href="/objects/import">"a table or YAML"</a> "."
            </p>
        </section>
    }
}

#[component]
fn Datasets() -> impl IntoView {
    view! {
        <section class="prose section" aria-labelledby="datasets">
            <h2 id="datasets">"Datasets"</h2>
            <p>
                "A " <a href="/datasets">"dataset"</a>
                " is a named collection of pictures that a person or a " <a href="/namespaces">"group"</a>
                " looks after. Its name stands after that of its namespace, which is that of a user or of a group, as in "
                <code>"bird-lab/garden-birds"</code>
                ", and that is also its address. Pictures come into it by “Upload”; those that are in no dataset are in the commons, where everybody sees them and each belongs to who posted it."
            </p>
            <p>
                "A dataset is public, internal, which means for everybody who is signed in, or private, which means for its members. It is never seen by more than its namespace is. For whoever may not see it, it does not exist: not in lists, not in queries, not at its address."
            </p>
            <p>
                "Files of any kind come into a folder of a dataset under “Files” and “Upload”, or are dropped there, whole folders as well. They are sent in parts: a pause, a broken connection or a closed browser loses nothing, since choosing the same files again within a day goes on where they were. One commit puts all of them into the dataset, images as pictures, and the history keeps what they replace."
            </p>
            <p>
                "A " <a href="/projects">"project"</a>
                " is a version of a dataset that people annotate together. Its pictures are shared out among annotators; each has a queue, in which the buttons of the editor say “Done”, “Later” and “Needs review”. Reviewers accept what is done or send it back with a word. The project's page shows how far it is, and who did how much."
            </p>
            <p>
                "Members have roles, each with the rights of those before it. Readers see everything, annotators draw regions and mark pictures, writers add, change and delete pictures, maintainers change settings and members below them, and owners do everything. Who has a role in a namespace has it in all of its datasets."
            </p>
        </section>
    }
}

#[component]
fn Finding() -> impl IntoView {
    view! {
        <section class="prose" aria-labelledby="query">
            <h2 id="query">"Find pictures"</h2>
            <p>
                "A " <a href="/query">"query"</a> " is a short text in YAML. Under " <code>"want"</code>
                " stand the rules that a picture must satisfy, all of them; under " <code>"exclude"</code>
                " those of which it must satisfy none. This one finds photographs that show a cat and a dog but no human, under licences that allow nearly everything, of at least 800 by 600 pixels:"
            </p>
            <pre tabindex="0" aria-label="Example of a query">
                <code>{EXAMPLE}</code>
            </pre>
            <p>
                <a class="button small" href=query_href(EXAMPLE)>
                    "Open it as a query"
                </a>
            </p>
            <ul>
                <li>"A list inside a rule means any of these; for all of them, repeat the rule."</li>
                <li>
                    "An empty query finds every picture that has not been replaced. " <code>"include_obsolete: true"</code>
                    " adds those that have."
                </li>
                <li>
                    "What follows a " <code>"#"</code>
                    " is a comment. A rule behind one, dash and all, is disabled: it finds nothing and excludes nothing until the sign goes."
                </li>
                <li>
                    "A name that does not exist is an error, not an empty result: a query that silently finds nothing is worse. The message gives line and column, and the name that was probably meant."
                </li>
                <li>"The address of the page holds the whole query, so that a link to it shows others the same pictures."</li>
                <li>
                    "The menus above the pictures count how many there are of each kind; choosing a value adds a rule that asks for it. Beside each rule stands how many pictures there would be more without it."
                </li>
                <li>
                    "“Statistics” draws what a query finds in plots, each with its numbers as a table whose values lead to narrower queries. Every plot can be kept as an SVG file."
                </li>
                <li>
                    "“Saved”, below the text, keeps a query under a name, for you alone or for everybody: all of them are "
                    <a href="/queries">"listed"</a>
                    ". “Download list” writes all results into a file, as a table or as JSON, with the columns that you choose."
                </li>
            </ul>
        </section>
        <section class="section" aria-labelledby="rules">
            <div class="section-head">
                <h2 id="rules">"Rules of the query language"</h2>
            </div>
            <Rules />
        </section>
    }
}

#[component]
fn Programs() -> impl IntoView {
    view! {
        <section class="prose section" aria-labelledby="programs">
            <h2 id="programs">"For programs"</h2>
            <p>
                "All that the pages do, programs do through a JSON API. Its paths, bodies and errors are described in "
                <a href="/api/docs" rel="external">
                    "the API’s reference"
                </a> " and, for tools, in " <a href="/api/openapi.json" rel="external">
                    "OpenAPI"
                </a> "."
            </p>
            <h3>"Find pictures"</h3>
            <pre tabindex="0" aria-label="Querying with curl">
                <code>{CURL_QUERY}</code>
            </pre>
            <h3>"Upload one"</h3>
            <p>
                "A program acts for you with a token, which you make and revoke on "
                <a href="/account">"your account page"</a> "."
            </p>
            <pre tabindex="0" aria-label="Uploading with curl">
                <code>{CURL_UPLOAD}</code>
            </pre>
            <p>
                "Pictures that a team works on, or that not everybody shall see, belong in a "<a href="#datasets">"dataset"</a>
                ". Programs make namespaces, datasets and members under "
                <code>"/api/v1/namespaces/"</code> " and " <code>"/api/v1/datasets/"</code>
                ", and an upload names its dataset as " <code>"dataset"</code> ". The rule " <code>"in_dataset"</code>
                " finds what is in it, for whoever may see it."
            </p>
            <p>
                "Errors come as "
                <code>"application/problem+json"</code>
                " with a sentence that says what to do, and name the field or the place in the query."
            </p>
        </section>
    }
}

/// The usage guide.
#[component]
pub fn HelpPage() -> impl IntoView {
    view! {
        <Title text="Help" />
        <div class="page page-text help">
            <div class="page-head">
                <div>
                    <h1>"Help"</h1>
                    <p>"How to bring pictures in, say what they show, and find them again."</p>
                </div>
            </div>
            <Contents />
            <People />
            <Shortcuts />
            <Lists />
            <Objects />
            <Datasets />
            <Finding />
            <Programs />
        </div>
    }
}
