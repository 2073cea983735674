/* CSV: how text becomes rows and fields. */
#include "unit/data/reading.h"

TEST(plain_text_with_a_header) {
    reading r = read_csv("a,b,c\n1,2,x\n3,4,y\n");
    ASSERT_SHAPE(r, 2, 3);
    ASSERT_STR_EQ(r.table->columns[2].name, "c");
    ASSERT_STR_EQ(cell(&r, "a", 1), "3");
    ASSERT_STR_EQ(cell(&r, "c", 0), "x");
    ASSERT_EQ(r.bad.n_total, 0);
    ASSERT_EQ(r.table->line[1], 3);
    ASSERT_STR_EQ(r.table->files[0], r.path);
    reading_done(&r);
}

TEST(last_line_without_a_break) {
    reading r = read_csv("a,b\n1,2\n3,4");
    ASSERT_SHAPE(r, 2, 2);
    ASSERT_STR_EQ(cell(&r, "b", 1), "4");
    reading_done(&r);
}

TEST(crlf_and_lone_cr) {
    reading crlf = read_csv("a,b\r\n1,x\r\n2,y\r\n"), cr = read_csv("a,b\r1,x\r2,y\r");
    ASSERT_SHAPE(crlf, 2, 2);
    ASSERT_STR_EQ(cell(&crlf, "b", 1), "y");
    ASSERT_STR_EQ(tend_node_string(tend_node_get(crlf.notes, "line_end"), ""), "crlf");
    ASSERT_SHAPE(cr, 2, 2);
    ASSERT_STR_EQ(cell(&cr, "b", 1), "y");
    ASSERT_EQ(cr.table->line[1], 3);
    ASSERT_STR_EQ(tend_node_string(tend_node_get(cr.notes, "line_end"), ""), "cr");
    reading_done(&crlf);
    reading_done(&cr);
}

TEST(quoted_fields) {
    reading r = read_csv("a,b\n1,\"x,y\"\n2,\"he said \"\"no\"\"\"\n3,\"two\nlines\"\n4,\"\"\"\"\n5,z\n");
    ASSERT_SHAPE(r, 5, 2);
    ASSERT_STR_EQ(cell(&r, "b", 0), "x,y");
    ASSERT_STR_EQ(cell(&r, "b", 1), "he said \"no\"");
    ASSERT_STR_EQ(cell(&r, "b", 2), "two\nlines");
    ASSERT_STR_EQ(cell(&r, "b", 3), "\"");
    ASSERT_EQ(r.table->line[2], 4);
    ASSERT_EQ(r.table->line[3], 6); /* the break within quotes is a line of the file */
    reading_done(&r);
}

TEST(crlf_within_quotes_is_kept) {
    reading r = read_csv("a,b\r\n\"x\r\ny\",1\r\n");
    ASSERT_SHAPE(r, 1, 2);
    ASSERT_STR_EQ(cell(&r, "a", 0), "x\r\ny");
    reading_done(&r);
}

TEST(separators_are_sniffed) {
    static const struct {
        const char *text, *separator;
    } CASES[] = {
        {"a;b;c\n1,5;2,5;x\n2,5;3,5;y\n", ";"}, /* decimal commas do not win */
        {"a\tb\tc\n1\tx, y\tq\n2\tz\tr\n", "\t"},
        {"a|b|c\n1|x|q\n2|y|r\n", "|"},
        {"a  b   c\n1  22 333\n44 5    6\n", " "},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        reading r = read_csv(CASES[i].text);
        ASSERT_SHAPE(r, 2, 3);
        ASSERT_STR_EQ(tend_node_string(tend_node_get(r.notes, "separator"), ""), CASES[i].separator);
        reading_done(&r);
    }
}

TEST(blank_aligned_columns) {
    reading r = read_csv("name    age  height\nann      30     1.7  \n\"b c\"    4     0.9\n");
    ASSERT_SHAPE(r, 2, 3);
    ASSERT_STR_EQ(cell(&r, "name", 1), "b c");
    ASSERT_STR_EQ(cell(&r, "height", 0), "1.7");
    ASSERT_EQ(type_of(&r, "age"), TEND_INT);
    reading_done(&r);
}

TEST(sentences_are_one_column) {
    reading r = read_csv("text\nto be or\nnot to be\n");
    ASSERT_SHAPE(r, 2, 1);
    ASSERT_STR_EQ(cell(&r, "text", 1), "not to be");
    reading_done(&r);
}

TEST(options_overrule_sniffing) {
    tend_read_options o = TEND_READ_OPTIONS_INIT;
    o.separator = ';';
    o.header = 0;
    reading r = read_text("a,b;c\nd,e;f\n", &o);
    ASSERT_SHAPE(r, 2, 2);
    ASSERT_STR_EQ(cell(&r, "column_1", 0), "a,b");
    reading_done(&r);
}

TEST(single_quotes) {
    reading r = read_csv("'40-49','a, b','x'\n'50-59','c','x'\n'40-49','d','y'\n");
    ASSERT_SHAPE(r, 3, 3);
    ASSERT_STR_EQ(cell(&r, "column_2", 0), "a, b");
    ASSERT_STR_EQ(tend_node_string(tend_node_get(r.notes, "quote"), ""), "'");
    reading_done(&r);
}

TEST(apostrophes_are_no_quotes) {
    reading r = read_csv("a,b\n'tis,1\nit's,2\n");
    ASSERT_SHAPE(r, 2, 2);
    ASSERT_STR_EQ(cell(&r, "a", 0), "'tis");
    reading_done(&r);
}

TEST(blanks_behind_separators_are_trimmed_when_all_have_them) {
    reading r = read_csv("age, workclass, note\n39, State-gov, \"a, b\"\n50, Private , c\n");
    ASSERT_SHAPE(r, 2, 3);
    ASSERT_STR_EQ(r.table->columns[1].name, "workclass");
    ASSERT_STR_EQ(cell(&r, "workclass", 0), "State-gov");
    ASSERT_STR_EQ(cell(&r, "workclass", 1), "Private");
    ASSERT_STR_EQ(cell(&r, "note", 0), "a, b");
    ASSERT_TRUE(tend_node_bool(tend_node_get(r.notes, "trimmed_blanks"), false));
    reading_done(&r);
}

TEST(a_single_leading_blank_is_kept) {
    reading r = read_csv("a,b,c\n1, x,3\n4,y,5\n");
    ASSERT_SHAPE(r, 2, 3);
    ASSERT_STR_EQ(cell(&r, "b", 0), " x");
    reading_done(&r);
}

TEST(empty_lines) {
    reading r = read_csv("a,b\n1,2\n\n3,4\n\n\n");
    ASSERT_SHAPE(r, 2, 2);
    ASSERT_EQ(r.bad.n_total, 0);
    ASSERT_EQ(r.table->line[1], 4);
    ASSERT_EQ(tend_node_int(tend_node_get(r.notes, "blank_lines"), 0), 3);
    reading_done(&r);
    reading one = read_csv("a\n1\n\n3\n"); /* the only column: an empty line is a missing value */
    ASSERT_SHAPE(one, 3, 1);
    ASSERT_STR_EQ(cell(&one, "a", 1), "(missing)");
    reading_done(&one);
}

TEST(bom_is_no_part_of_the_first_name) {
    reading r = read_csv("\xEF\xBB\xBF"
                         "a,b\n1,2\n");
    ASSERT_SHAPE(r, 1, 2);
    ASSERT_STR_EQ(r.table->columns[0].name, "a");
    ASSERT_TRUE(tend_node_bool(tend_node_get(r.notes, "bom"), false));
    reading_done(&r);
}

TEST(latin1_becomes_utf8) {
    reading r = read_csv("nom;ville\nRen\xE9;Orl\xE9"
                         "ans\nA\x80;x\n"); /* 0x80 is the euro sign in Windows-1252 */
    ASSERT_SHAPE(r, 2, 2);
    ASSERT_STR_EQ(cell(&r, "nom", 0), "Ren\xC3\xA9");
    ASSERT_STR_EQ(cell(&r, "ville", 0), "Orl\xC3\xA9"
                                        "ans");
    ASSERT_STR_EQ(cell(&r, "nom", 1), "A\xE2\x82\xAC");
    ASSERT_STR_EQ(tend_node_string(tend_node_get(r.notes, "encoding"), ""), "latin-1");
    reading_done(&r);
}

TEST(latin1_far_behind_the_head) {
    tend_buf text = TEND_BUF_INIT;
    tend_buf_puts(&text, "a,b\n");
    for (int i = 0; i < 60000; i++)
        tend_buf_printf(&text, "%d,plain\n", i);
    tend_buf_puts(&text, "7,caf\xE9\n");
    reading r = read_text(tend_buf_text(&text), NULL);
    ASSERT_SHAPE(r, 60001, 2);
    ASSERT_STR_EQ(cell(&r, "b", 60000), "caf\xC3\xA9");
    ASSERT_EQ(r.table->line[60000], 60002);
    reading_done(&r);
    tend_buf_done(&text);
}

TEST(a_broken_character_in_utf8_loses_its_row_only) {
    reading r = read_csv("a,b\n1,\xC3\xA9\n2,x\xE9\n3,z\n");
    ASSERT_SHAPE(r, 2, 2);
    ASSERT_EQ(r.bad.n_total, 1);
    ASSERT_EQ(r.bad.items[0].line, 3);
    ASSERT_EQ(r.bad.items[0].row, -1);
    ASSERT_HAS(r.bad.items[0].reason, "UTF-8");
    ASSERT_STR_EQ(cell(&r, "a", 1), "3");
    reading_done(&r);
}

TEST(utf16_is_named) {
    reading r = read_bytes("in.csv",
                           "\xFF\xFE"
                           "a\0,\0b\0\n\0",
                           10, NULL);
    ASSERT_REFUSED(r, DATA, "UTF-16");
    ASSERT_HAS(r.err.hint, "iconv");
    reading_done(&r);
}

TEST(nul_byte_is_refused_with_its_place) {
    reading r = read_bytes("in.csv", "a,b\n1,2\n3,x\0y\n", 15, NULL);
    ASSERT_REFUSED(r, DATA, "NUL");
    ASSERT_EQ(r.err.line, 3);
    ASSERT_EQ(r.err.column, 4);
    reading_done(&r);
}

TEST(nul_byte_far_behind_the_head) {
    tend_buf text = TEND_BUF_INIT;
    tend_buf_puts(&text, "a,b\n");
    for (int i = 0; i < 50000; i++)
        tend_buf_puts(&text, "12345,67890\n");
    tend_buf_append(&text, "1,\0\n", 4);
    reading r = read_bytes("in.csv", text.data, text.size, NULL);
    ASSERT_REFUSED(r, DATA, "NUL");
    ASSERT_EQ(r.err.line, 50002);
    ASSERT_EQ(r.err.column, 3);
    reading_done(&r);
    tend_buf_done(&text);
}

TEST(binary_files_are_named) {
    static const struct {
        const char *bytes;
        size_t size;
        const char *part;
    } CASES[] = {
        {"\x89PNG\r\n\x1A\n\0\0", 10, "PNG"},
        {"\x7F"
         "ELF\2\1\1\0",
         8, "ELF"},
        {"PAR1\x15\0\x15", 7, "Parquet"},
        {"PK\x03\x04\x14\0", 6, "zip"},
        {"%PDF-1.4\n", 9, "PDF"},
        {"a\1\2\3\4\5\6\7\n", 9, "binary"},
        {"<!DOCTYPE html>\n", 16, "web page"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        reading r = read_bytes("in.csv", CASES[i].bytes, CASES[i].size, NULL);
        ASSERT_REFUSED(r, DATA, CASES[i].part);
        reading_done(&r);
    }
}

TEST(empty_and_blank_files) {
    static const char *const TEXTS[] = {"", "\n\n", "  \r\n", "\xEF\xBB\xBF"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        reading r = read_csv(TEXTS[i]);
        ASSERT_REFUSED(r, DATA, "is empty");
        ASSERT_STR_EQ(r.err.file, r.path);
        reading_done(&r);
    }
}

TEST(missing_file_and_folder) {
    char path[300];
    snprintf(path, sizeof path, "%s/none.csv", suite_scratch());
    reading r = read_path(path, NULL);
    ASSERT_REFUSED(r, NOT_FOUND, "none.csv");
    reading_done(&r);
    tend_read_options o = TEND_READ_OPTIONS_INIT;
    o.format = "csv";
    reading folder = read_path(suite_scratch(), &o);
    ASSERT_REFUSED(folder, IO, "folder");
    reading_done(&folder);
}

TEST(a_header_alone_is_a_table_without_rows) {
    reading r = read_csv("a,b,c");
    ASSERT_SHAPE(r, 0, 3);
    ASSERT_STR_EQ(r.table->columns[2].name, "c");
    ASSERT_EQ(r.bad.n_total, 0);
    reading_done(&r);
}

TEST(duplicate_names_are_refused_with_both_places) {
    reading r = read_csv("id,price,name,price\n1,2,x,3\n");
    ASSERT_REFUSED(r, DATA, "'price' twice: as column 2 and as column 4");
    ASSERT_HAS(r.err.hint, "rename");
    ASSERT_EQ(r.err.line, 1);
    reading_done(&r);
}

TEST(columns_without_a_name) {
    reading r = read_csv("label,,text,\nx,1,q,4\ny,2,r,5\n");
    ASSERT_SHAPE(r, 2, 4);
    ASSERT_STR_EQ(r.table->columns[1].name, "column_2");
    ASSERT_STR_EQ(r.table->columns[3].name, "column_4");
    ASSERT_EQ(tend_node_get(r.notes, "unnamed_columns")->count, 2);
    reading_done(&r);
}

TEST(an_unnamed_row_number_is_an_index) {
    reading pandas = read_csv(",x,y\n0,5,a\n1,6,b\n2,7,c\n"), r_style = read_csv("x,y\n1,5,a\n2,6,b\n3,7,c\n");
    ASSERT_SHAPE(pandas, 3, 3);
    ASSERT_STR_EQ(pandas.table->columns[0].name, "index");
    ASSERT_STR_EQ(tend_node_string(tend_node_get(pandas.notes, "index_column"), ""), "index");
    ASSERT_SHAPE(r_style, 3, 3);
    ASSERT_STR_EQ(r_style.table->columns[0].name, "index");
    ASSERT_STR_EQ(cell(&r_style, "y", 2), "c");
    reading_done(&pandas);
    reading_done(&r_style);
}

TEST(rows_that_end_with_a_separator) {
    reading r = read_csv("a,b\n1,x,\n1,y,\n2,z,\n");
    ASSERT_SHAPE(r, 3, 2);
    ASSERT_STR_EQ(cell(&r, "b", 2), "z");
    ASSERT_EQ(r.bad.n_total, 0);
    reading_done(&r);
}

TEST(rows_may_leave_out_columns_that_are_always_empty) {
    reading r = read_csv("a;b;c\n1;x;\n2;y;\n3;z\n4;q\n");
    ASSERT_SHAPE(r, 4, 3);
    ASSERT_STR_EQ(cell(&r, "b", 3), "q");
    ASSERT_STR_EQ(cell(&r, "c", 3), "(missing)");
    ASSERT_EQ(r.bad.n_total, 0);
    reading_done(&r);
}

TEST(lines_before_the_table_are_skipped_and_told) {
    reading r = read_csv("My measurements of 2024\nx,y,z\n1,2,3\n4,5,6\n7,8,9\n");
    ASSERT_SHAPE(r, 3, 3);
    ASSERT_STR_EQ(r.table->columns[0].name, "x");
    ASSERT_STR_EQ(tend_node_string(tend_node_at(tend_node_get(r.notes, "skipped_lines"), 0), ""), "My measurements of 2024");
    ASSERT_EQ(r.table->line[0], 3);
    reading_done(&r);
}

TEST(ragged_rows_are_bad_rows) {
    reading r = read_csv("a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12\n");
    ASSERT_SHAPE(r, 2, 3);
    ASSERT_EQ(r.bad.n_total, 2);
    ASSERT_EQ(r.bad.items[0].line, 3);
    ASSERT_EQ(r.bad.items[0].row, -1);
    ASSERT_STR_EQ(r.bad.items[0].reason, "expected 3 fields, found 2");
    ASSERT_STR_EQ(r.bad.items[0].found, "4,5");
    ASSERT_STR_EQ(r.bad.items[1].reason, "expected 3 fields, found 4");
    ASSERT_STR_EQ(cell(&r, "a", 1), "10");
    ASSERT_EQ(r.table->line[1], 5);
    reading_done(&r);
}

TEST(ragged_rows_can_be_errors) {
    tend_read_options o = TEND_READ_OPTIONS_INIT;
    o.ragged_is_error = true;
    reading r = read_text("a,b,c\n1,2,3\n4,5\n6,7,8,9\n", &o);
    ASSERT_REFUSED(r, DATA, "expected 3 fields, found 2");
    ASSERT_EQ(r.err.line, 3);
    reading_done(&r);
}

TEST(text_behind_a_closing_quote_is_a_bad_row) {
    reading r = read_csv("a,b,c\n1,\"Hey, I missed \" it\",3\n4,x,6\n");
    ASSERT_SHAPE(r, 1, 3);
    ASSERT_STR_EQ(cell(&r, "b", 0), "x");
    ASSERT_EQ(r.bad.n_total, 1);
    ASSERT_HAS(r.bad.items[0].reason, "closing quote");
    reading_done(&r);
}

TEST(stray_quotes_are_told) {
    reading r = read_csv("a,b\n1,say \"hi\" now\n2,37.8\"N\n3,x\n");
    ASSERT_SHAPE(r, 3, 2);
    ASSERT_STR_EQ(cell(&r, "b", 0), "say \"hi\" now");
    ASSERT_STR_EQ(cell(&r, "b", 1), "37.8\"N");
    ASSERT_EQ(r.bad.n_total, 1); /* inches and seconds of arc are fine */
    ASSERT_EQ(r.bad.items[0].row, 0);
    ASSERT_STR_EQ(r.bad.items[0].column, "b");
    ASSERT_EQ(tend_node_int(tend_node_path(r.notes, "stray_quotes.cells"), 0), 2);
    reading_done(&r);
}

TEST(a_quote_that_is_never_closed_is_an_error_where_it_opens) {
    reading r = read_csv("a,b,c\n1,2,3\n4,\"open,6\n7,8,9\n");
    ASSERT_REFUSED(r, DATA, "never closed");
    ASSERT_EQ(r.err.line, 3);
    ASSERT_EQ(r.err.column, 3);
    reading_done(&r);
}

TEST(too_many_columns) {
    size_t n = 10 * 1000 * 1000;
    char *text = malloc(2 * n);
    for (size_t i = 0; i < n; i++) {
        text[2 * i] = 'x';
        text[2 * i + 1] = ',';
    }
    reading r = read_bytes("wide.csv", text, 2 * n, NULL);
    ASSERT_REFUSED(r, LIMIT, "100,000 columns");
    reading_done(&r);
    free(text);
}

TEST(many_columns_are_fine) {
    enum { N = 20000 };
    tend_buf text = TEND_BUF_INIT;
    for (int row = -1; row < 3; row++)
        for (int i = 0; i < N; i++)
            tend_buf_printf(&text, row < 0 ? "c%d%c" : "%d%c", row < 0 ? i : row * i, i + 1 < N ? ',' : '\n');
    reading r = read_text(tend_buf_text(&text), NULL);
    ASSERT_SHAPE(r, 3, N);
    ASSERT_STR_EQ(cell(&r, "c19999", 2), "39998");
    reading_done(&r);
    tend_buf_done(&text);
}

TEST(a_field_beyond_16_mib) {
    size_t n = (16 << 20) + 2;
    char *text = malloc(n + 64);
    size_t head = (size_t)sprintf(text, "a,b\n1,2\n3,");
    memset(text + head, 'x', n);
    strcpy(text + head + n, "\n");
    reading r = read_bytes("long.csv", text, head + n + 1, NULL);
    ASSERT_REFUSED(r, LIMIT, "16 MiB");
    ASSERT_EQ(r.err.line, 3);
    reading_done(&r);
    free(text);
}

TEST(no_format_by_that_name) {
    tend_read_options o = TEND_READ_OPTIONS_INIT;
    o.format = "xml";
    reading r = read_text("a\n1\n", &o);
    ASSERT_REFUSED(r, UNSUPPORTED, "'xml'");
    ASSERT_HAS(r.err.hint, "csv");
    reading_done(&r);
}

TEST(format_by_content_when_the_name_says_nothing) {
    reading csv = read_bytes("table", "a,b\n1,2\n", 8, NULL), json = read_bytes("table.x", " [{\"a\": 1}]", 11, NULL);
    ASSERT_SHAPE(csv, 1, 2);
    ASSERT_SHAPE(json, 1, 1);
    reading_done(&csv);
    reading_done(&json);
}
