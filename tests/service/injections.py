"""Texts that end a literal, a statement or a parser's patience, for every place where a client's text goes.

They are made of quotes × endings, of statements, of encodings and of characters that some layer takes for
another.
"""
QUOTES = ("'", '"', "`", "')", "'))", '")', "\\'", "''", "';", "]")
ENDINGS = (" OR 1=1", " OR '1'='1", " OR 1=1--", " AND 1=2 --", "; DROP TABLE resources--",
           " UNION SELECT 1,2,3,4,5,6,7--",
           " UNION ALL SELECT id,email,name,1,1,1,1 FROM users--")
STATEMENTS = (
    "1; DELETE FROM resources", "1; UPDATE resources SET name='owned'", "id; DROP TABLE users",
    "1/**/OR/**/1=1",
    "(SELECT name FROM sqlite_master LIMIT 1)", "(SELECT sql FROM sqlite_schema)", "id,(SELECT 1)",
    "id DESC, name",
    "id ASC; --", "CASE WHEN (1=1) THEN id ELSE name END", "id COLLATE NOCASE", "rowid", "oid",
    "_rowid_", "1", "-1", "0",
    "randomblob(1000000000)", "zeroblob(1000000000)", "load_extension('x')", "sqlite_version()",
    "abs(-9223372036854775808)",
    "like('%',upper(hex(randomblob(100000000/2))))",
    "1 AND (SELECT COUNT(*) FROM resources r1, resources r2)>0",
    "EXISTS(SELECT 1)", "1 LIMIT 1 OFFSET 1", "1 INTO OUTFILE '/tmp/x'", "ATTACH DATABASE '/tmp/x' AS x",
    "PRAGMA table_info(users)", "VACUUM", "pg_sleep(10)", "WAITFOR DELAY '0:0:5'", "SLEEP(5)",
    "BENCHMARK(1000000,MD5(1))",
    "xp_cmdshell", "@@version", ":1", "?1", "$1", "@p", "$$", "$a$", "%s", "%d%n", "{0}", "{{7*7}}",
    "${7*7}", "#{7*7}",
    "NULL", "null", "nil", "undefined", "true", "NaN", "inf", "1e999", "-0", "0x10", "0b1", "1_000",
    "+1", " 1", "1 ", "１",
    "owner", "owner.email", "owner_id", "users.email", "resources.id", "main.resources", "email",
    "password_hash",
    "__class__", "__dict__", "metadata", "constructor", "__proto__", "prototype", "toString", "id;id",
    "id--", "id#", "id\\",
    "*", "created_at DESC", "created_at\tDESC", "created_at/*", "*/", "--", "-- -", "#", "/*!50000 1*/",
    ";", ";;", "\\", "\\\\")
ODD = (
    "\u2019 OR 1=1", "\u02bc OR 1=1", "\uff07 OR 1=1", "\u0127\u0127'", "\xbf' OR 1=1",
    "\u00a0OR\u00a01=1", "\u2028", "\u2029",
    "\u202e", "\ufeff", "\u0000", "a\u0000' OR 1=1", "\u0001\u001f", "\u007f\u0085",
    "\r\nSet-Cookie: a=b", "\n\n", "\t\v\f",
    "\ud83d\ude80".encode("utf-16", "surrogatepass").decode("utf-16"), "\U0010ffff", "e\u0301" * 20,
    "\u0130\u0131\u017f\u212a",
    "a" * 5000, "'" * 3000, "(" * 2000, "%" * 1000, "\U0001f600" * 500)
# already percent-encoded: to be sent as they stand
ENCODED = ("%27", "%2527", "%u0027", "%00", "%27%20OR%201%3D1", "%c0%a7", "%bf%27", "%ff%fe",
           "%e2%80%99", "%ed%a0%80", "%",
    "%2", "%zz", "+", "%2B", "%0d%0aX-Injected:%201", "%26page=0", "%23", "a%3Db", "%5B%5D", "[]",
    "[$ne]=1", "a[b]=c")

TEXTS = tuple(quote + ending for quote in QUOTES for ending in ENDINGS) + STATEMENTS + ODD
