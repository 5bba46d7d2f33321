SCREATE TYPE mood AS ENUM ('good', 'so-so');
CREATE TABLE authors (id uuid PRIMARY KEY, name varchar(80) NOT NULL UNIQUE, born date);
CREATE TABLE books (id uuid PRIMARY KEY, title varchar(9) DEFAULT 'it''s', author_id uuid NOT NULL
  REFERENCES authors (id) ON DELETE CASCADE, mood mood DEFAULT 'good', depth int CHECK (depth > -5));
CREATE INDEX ON books (title, depth);
COMMENT ON TABLE books IS 'What is read.';
