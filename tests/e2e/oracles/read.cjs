// What others read from standard input: `read.cjs dbml|sql|jdl` prints the tables, columns,
// references and enums that they find, as JSON; `read.cjs dbml-to-sql|sql-to-dbml` translates.
const fs = require('fs');

const text = fs.readFileSync(0, 'utf8');

// One database of @dbml/core, which has a schema for each namespace.
function database({ schemas }) {
  const tables = {};
  const references = [];
  const enums = {};
  for (const schema of schemas) {
    for (const table of schema.tables) {
      tables[table.name] = Object.fromEntries(table.fields.map((field) => [field.name, {
        type: field.type.type_name.toLowerCase().replaceAll('"', '').replaceAll(' ', ''),
        required: Boolean(field.not_null || field.pk),
        unique: Boolean(field.unique),
        initial: field.dbdefault === undefined ? null : String(field.dbdefault.value),
      }]));
      for (const index of table.indexes.filter((each) => each.unique && each.columns.length === 1)) {
        tables[table.name][index.columns[0].value].unique = true;
      }
    }
    for (const { endpoints, onDelete } of schema.refs) {
      const from = endpoints.find((each) => each.relation !== '1') ?? endpoints[1];
      const to = endpoints.find((each) => each !== from);
      references.push([from.tableName, from.fieldNames.join(), to.tableName,
        (onDelete ?? 'restrict').toLowerCase().replace('no action', 'restrict')]);
    }
    for (const each of schema.enums) {
      enums[each.name] = each.values.map((value) => value.name);
    }
  }
  return { tables, references: references.sort(), enums };
}

function dbml(source) {
  const { Parser } = require('@dbml/core');
  return database(new Parser().parse(source, 'dbmlv2').export());
}

function jdl(source) {
  const { parseFromContent } = require('jhipster-core/lib/readers/jdl_reader');
  const read = parseFromContent(source);
  const entities = {};
  for (const entity of read.entities) {
    entities[entity.name] = Object.fromEntries((entity.body ?? []).map((field) => [field.name, {
      type: field.type,
      validations: Object.fromEntries(
        field.validations.map((each) => [each.key, String(each.value ?? '')])
      ),
    }]));
  }
  const references = read.relationships.map(({ cardinality, from, to }) => [
    cardinality, from.name, from.injectedField, to.name, Boolean(from.required),
  ]);
  const enums = Object.fromEntries(
    read.enums.map((each) => [each.name, each.values.map((value) => value.key)])
  );
  return { entities, references: references.sort(), enums };
}

const readers = {
  dbml: () => dbml(text),
  sql: () => dbml(require('@dbml/core').importer.import(text, 'postgres')),
  jdl: () => jdl(text),
  'dbml-to-sql': () => require('@dbml/core').exporter.export(text, 'postgres'),
  'sql-to-dbml': () => require('@dbml/core').importer.import(text, 'postgres'),
};

try {
  const result = readers[process.argv[2]]();
  process.stdout.write(typeof result === 'string' ? result : JSON.stringify(result));
} catch (error) {
  process.stderr.write(`${JSON.stringify(error.diags ?? error.message ?? error)}\n`);
  process.exitCode = 1;
}
