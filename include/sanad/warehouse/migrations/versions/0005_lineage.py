"""Trace and impact in SQL: from a row of a mart to the figures it was made of, and from figures to the rows.

The command line asks the same functions, so that there is one way from a row to its figures.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# errcode SN001: the call was wrong; the command line prints the message as it is


def upgrade():
    _measure()
    op.create_index("fetch_sha256_idx", "fetch", ["sha256"], schema="archive")
    op.execute(FIGURE)
    op.execute("alter view lineage.figure owner to owner")
    op.execute("grant select on lineage.figure to auditor")
    op.execute("comment on view lineage.figure is 'Every staged figure with its release and who accepted it.'")
    for statement in (
        HANDLES,
        KEY_COLUMNS,
        IS_KEY,
        SOURCE,
        ROW_QUERY,
        NO_ROW,
        SEEN,
        CORRECTIONS,
        CITES,
        CITED,
        TRACE,
        IMPACT,
    ):
        op.execute(statement)
    for name, words in FUNCTIONS.items():
        op.execute(f"alter function lineage.{name} owner to owner")
        op.execute(f"revoke execute on function lineage.{name} from public")
        op.execute(f"grant execute on function lineage.{name} to auditor")
        op.execute(f"comment on function lineage.{name} is $words${words}$words$")


def _measure():
    op.create_table(
        "measure",
        sa.Column("mart", sa.Text, primary_key=True),
        sa.Column("column_name", sa.Text, primary_key=True, comment="the column that holds the value"),
        sa.Column("place", sa.SmallInteger, nullable=False, comment="among the mart's traced columns, from 1"),
        sa.Column("measure", sa.Text, comment="what formulas call the value; NULL when none uses it"),
        sa.Column("formula", sa.Text, nullable=False, comment="as the mart's YAML declares it"),
        sa.Column(
            "inputs",
            postgresql.ARRAY(sa.Text),
            nullable=False,
            comment="the measures the formula is computed from",
        ),
        sa.Column(
            "cites", sa.Text, comment="the mart whose rows' figures a statistic runs over; NULL for other values"
        ),
        schema="lineage",
        comment="How each traced value of the marts comes about; written by the build from the marts' YAML.",
    )
    op.execute("alter table lineage.measure owner to owner")
    op.execute("grant select, insert, delete on lineage.measure to transformer")
    op.execute("grant select on lineage.measure to auditor")


FUNCTIONS = {
    "handles(bigint[])": "Releases as people name them: dataset@edition where that names the one release that stands "
    "for it, else dataset# and 8 digits of its sha256; as in dim_release.",
    "key_columns(regclass)": "The columns of a relation's primary key, in order.",
    "is_key(text[], text)": "An SQL condition: these columns' values, joined by /, are the key. A value may hold a "
    "stroke of its own, as a dataset's name does; so every way to part the key is tried, and an index can serve.",
    "source(text, text, date, timestamptz)": "What a row is selected from: a mart of a schema, or its as-of function.",
    "row_query(text, text, text, date, timestamptz)": "The query that gives the row of a key.",
    "no_row(text, text, text, date, timestamptz)": "Says why there is no row of that key, and what there is.",
    "seen(jsonb, text, timestamptz)": "The ledger event up to which a row was made: that of its own instant or of the "
    "one asked for, else that of the build.",
    "corrections(bigint, bigint)": "The declared corrections of a figure that were in force at a ledger event.",
    "cites(text, text)": "Where a row of statistics, found, has the figures it runs over: listed.figure_id.",
    "cited(text, jsonb, text, text)": "The figures each value of a row was made of.",
    "trace(text, text, text, date, timestamptz)": "Where a row of a mart comes from, one row a figure: "
    "select * from lineage.trace('mart_call_centres', '2026-03', 'exports').",
    "impact(bigint, bigint)": "The rows of the marts that use figures of a range of ids: "
    "select * from lineage.impact(figure_id, figure_id), or release_id << 28 to (release_id + 1 << 28) - 1.",
}

HANDLES = """
create function lineage.handles(release_ids bigint[]) returns table (release_id bigint, handle text)
language sql stable as $$
    with
    asked as (
        select release.release_id, release.dataset, release.sha256, last_read.edition
        from archive.release
        left join lateral (
            select extraction.edition
            from archive.ledger
            join archive.extraction using (extraction_id)
            where ledger.release_id = release.release_id
            order by ledger.seq desc
            limit 1
        ) as last_read on true
        where release.release_id = any(release_ids)
    ),

    of_edition as (
        select distinct
            asked.release_id,
            release.release_id as other_id,
            state.event not in ('received', 'quarantined', 'duplicate', 'rejected', 'retracted') as is_visible
        from asked
        join archive.extraction using (edition)
        join archive.release on release.release_id = extraction.release_id and release.dataset = asked.dataset
        cross join lateral (
            select ledger.event
            from archive.ledger
            where ledger.release_id = release.release_id
            order by ledger.seq desc
            limit 1
        ) as state
    ),

    standing as (
        select release_id
        from of_edition
        group by release_id
        having
            count(*) = 1
            or bool_or(other_id = release_id and is_visible) and count(*) filter (where is_visible) = 1
    )

    select
        asked.release_id,
        asked.dataset || case
            when standing.release_id is not null then '@' || asked.edition
            else '#' || left(asked.sha256, 8)
        end
    from asked
    left join standing on standing.release_id = asked.release_id
$$
"""

FIGURE = """
create view lineage.figure as
select
    figure.figure_id, figure.series_code, figure.measure, figure.period_code, figure.period_kind, figure.period_start,
    figure.period_end, figure.value, figure.null_reason, figure.unit, figure.resolution, figure.qualifier, figure.flag,
    figure.locator, figure.as_printed, figure.header_locator, figure.header_as_printed,
    figure.details ->> 'measure_header_locator' as measure_header_locator,
    figure.details ->> 'measure_header_as_printed' as measure_header_as_printed,
    figure.details ->> 'unit_locator' as unit_locator,
    figure.details ->> 'unit_as_printed' as unit_as_printed,
    figure.label_raw,
    release.release_id, release.dataset, extraction.edition, release.origin, release.sha256, release.url,
    release.published_on, release.published_on_from, release.first_fetched_at,
    extraction.extraction_id, extraction.parser, extraction.parser_version, extraction.canonical_sha256,
    accepted.at as accepted_at, accepted.actor as accepted_by, accepted.reason as accepted_reason
from staging.figure
join archive.release using (release_id)
join archive.extraction using (extraction_id)
left join lateral (
    select ledger.at, ledger.actor, ledger.reason
    from archive.ledger
    where ledger.release_id = release.release_id and ledger.event = 'accepted'
    order by ledger.seq desc
    limit 1
) as accepted on true
"""

KEY_COLUMNS = """
create function lineage.key_columns(relation regclass) returns text[]
language sql stable as $$
    select array_agg(attribute.attname::text order by key.place)
    from pg_catalog.pg_index as index
    cross join unnest(index.indkey) with ordinality as key (attnum, place)
    join pg_catalog.pg_attribute as attribute
        on attribute.attrelid = index.indrelid and attribute.attnum = key.attnum
    where index.indrelid = relation and index.indisprimary
$$
"""

IS_KEY = """
create function lineage.is_key(columns text[], key text) returns text
language sql immutable as $$
    with recursive
    listed as (
        select string_to_array(key, '/') as parts
    ),

    parted (taken, parts_taken) as (
        select '{}'::text[], 0
        union all
        select taken || array_to_string(parts[parts_taken + 1 : parts_taken + width], '/'), parts_taken + width
        from parted, listed, generate_series(1, 2) as width
        where cardinality(taken) < cardinality(columns) and parts_taken + width <= cardinality(parts)
    ),

    conditions as (
        select (
            select string_agg(format('%I::text = %L', pair.name, pair.value), ' and ')
            from unnest(columns, taken) as pair (name, value)
        ) as condition
        from parted, listed
        where cardinality(taken) = cardinality(columns) and parts_taken = cardinality(parts)
    )

    select coalesce(string_agg('(' || condition || ')', ' or '), 'false') from conditions
$$
"""

SOURCE = """
create function lineage.source(mart text, from_schema text, published date, recorded timestamptz) returns text
language plpgsql stable set timezone = 'GMT' as $$
declare
    relation regclass := to_regclass(format('%I.%I', from_schema, mart));
    function text := format('marts.%I', regexp_replace(mart, '^(fct|mart)_', '') || '_as_of');
    known text := (select string_agg(distinct measure.mart, ', ' order by measure.mart) from lineage.measure);
    day text := coalesce(published, current_date)::text;
begin
    if known is null then
        raise 'nothing is built yet that could be traced: run `sanad build`' using errcode = 'SN001';
    elsif to_regnamespace(quote_ident(from_schema)) is null then
        raise 'there is no schema %: `sanad as-of DAY` makes one', from_schema using errcode = 'SN001';
    elsif relation is null then
        raise 'no mart ''%'' with figures to trace; known: %', mart, known using errcode = 'SN001';
    elsif not exists (select from lineage.measure where measure.mart = source.mart) then
        raise '% holds no figures to trace: %', mart, trim(obj_description(relation), E'\\n') using errcode = 'SN001';
    elsif published is null and recorded is null then
        return format('%I.%I', from_schema, mart);
    elsif from_schema <> 'marts' then
        raise 'schema % is of one day already: ask without a day and an instant', from_schema using errcode = 'SN001';
    elsif to_regprocedure(function || '(date, timestamptz)') is not null then
        return format('%s(%L, %L)', function, published, recorded);
    elsif 'recorded_at' = any(lineage.key_columns(relation)) then
        raise '% holds both axes itself: its key says since when a row was published and recorded', mart
            using errcode = 'SN001';
    end if;
    raise '% as of a day stands in a schema of that day: run `sanad as-of %`, then trace with --schema marts_%',
        mart, concat_ws(' --recorded ', day, to_char(recorded, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
        replace(day, '-', '_') using errcode = 'SN001';
end $$
"""

ROW_QUERY = """
create function lineage.row_query(
    mart text, key text, from_schema text default 'marts', published date default null,
    recorded timestamptz default null
) returns text
language plpgsql stable as $$
declare
    source text := lineage.source(mart, from_schema, published, recorded);
    columns text[] := lineage.key_columns(format('%I.%I', from_schema, mart)::regclass);
begin
    return format('select * from %s as found where %s', source, lineage.is_key(columns, key));
end $$
"""

NO_ROW = """
create function lineage.no_row(
    mart text, key text, from_schema text default 'marts', published date default null,
    recorded timestamptz default null
) returns void
language plpgsql stable set timezone = 'GMT' as $$
declare
    columns text[] := lineage.key_columns(format('%I.%I', from_schema, mart)::regclass);
    first record;
    longer text;
begin
    select release.release_id, release.published_on into first
    from archive.ledger
    join archive.release using (release_id)
    where ledger.event = 'accepted'
    order by release.published_on, ledger.seq
    limit 1;
    if published < first.published_on then
        raise 'nothing was published by %: the first release is % of %',
            published, (select handle from lineage.handles(array[first.release_id])), first.published_on
            using errcode = 'SN001';
    end if;
    select ledger.release_id, ledger.at into first
    from archive.ledger
    where ledger.event = 'accepted'
    order by ledger.seq
    limit 1;
    if recorded < first.at then
        raise 'nothing was recorded by %: the first release, %, was accepted at %',
            recorded, (select handle from lineage.handles(array[first.release_id])), first.at
            using errcode = 'SN001';
    end if;
    execute format(
        $query$
            select string_agg(listed.key, ', ')
            from (
                select concat_ws('/', %1$s) as key from %2$I.%3$I
                where starts_with(concat_ws('/', %1$s), %4$L) order by 1 limit 3
            ) as listed
        $query$,
        (select string_agg(format('%I', name), ', ') from unnest(columns) as name), from_schema, mart, key || '/'
    ) into longer;
    raise '% has no row %; a key of % is %',
        mart, key || coalesce(' as of ' || published, '') || coalesce(' as recorded by ' || recorded, ''),
        mart, concat_ws(', such as ', array_to_string(columns, '/'), longer) using errcode = 'SN001';
end $$
"""

SEEN = """
create function lineage.seen(mart_row jsonb, from_schema text default 'marts', recorded timestamptz default null)
returns bigint
language plpgsql stable as $$
declare
    instant timestamptz := coalesce(recorded, (mart_row ->> 'recorded_at')::timestamptz);
    built bigint;
begin
    if instant is not null then
        return (select max(ledger.seq) from archive.ledger where ledger.at <= instant);
    end if;
    execute format('select max(ledger_seq) from %I.dim_build', from_schema) into built;
    return built;
end $$
"""

CORRECTIONS = """
create function lineage.corrections(figure bigint, seen bigint) returns jsonb
language sql stable as $$
    select coalesce(jsonb_agg(one.correction), '[]')
    from (
        select ledger.evidence
        from archive.ledger
        where ledger.release_id = figure >> 28 and ledger.event = 'corrected' and ledger.seq <= seen
        order by ledger.seq desc
        limit 1
    ) as last_set
    cross join jsonb_array_elements(last_set.evidence -> 'corrections') as one (correction)
    where one.correction ->> 'figure_id' = figure::text
$$
"""

CITES = """
create function lineage.cites(mart text, from_schema text) returns text
language plpgsql stable as $$
declare
    other text := (select max(measure.cites) from lineage.measure where measure.mart = cites.mart);
begin
    return format(
        $condition$
            %1$I.%2$I as cited
            cross join unnest(%3$s) as listed (figure_id)
            where
                %4$s
                and cited.period_start >= found.first_period_start
                and cited.period_end <= found.last_period_end
                and cited.published_on <= found.published_on
        $condition$,
        from_schema, other,
        (
            select string_agg(format('cited.%I', measure.measure || '_figure_ids'), ' || ')
            from lineage.measure
            where measure.mart = other and measure.measure is not null
        ),
        (
            select string_agg(format('cited.%1$I = found.%1$I', name), ' and ')
            from unnest(lineage.key_columns(format('%I.%I', from_schema, mart)::regclass)) as name
        )
    );
end $$
"""

CITED = """
create function lineage.cited(mart text, mart_row jsonb, wanted text default null, from_schema text default 'marts')
returns table (
    place smallint, column_name text, value numeric, formula text,
    input_measure text, input_column text, input_value numeric, sign integer, figure_id bigint
)
language plpgsql stable rows 20 as $$
#variable_conflict use_column
declare
    known text;
    prints bigint[];
begin
    if wanted is not null then
        select string_agg(measure.column_name, ', ' order by measure.place) into known
        from lineage.measure
        where measure.mart = cited.mart
        having not bool_or(cited.wanted in (measure.column_name, coalesce(measure.measure, '')));
        if known is not null then
            raise '% has no measure ''%''; known: %', cited.mart, wanted, known using errcode = 'SN001';
        end if;
    end if;
    if exists (select from lineage.measure where measure.mart = cited.mart and measure.cites is not null) then
        execute format(
            'select array(select distinct listed.figure_id from jsonb_populate_record(null::%I.%I, $1) as found, %s)',
            from_schema, cited.mart, lineage.cites(cited.mart, from_schema)
        ) into prints using mart_row;
    end if;
    return query
    select
        measure.place, measure.column_name, (mart_row ->> measure.column_name)::numeric, measure.formula,
        input.name, own.column_name, (mart_row ->> own.column_name)::numeric, listed.sign, listed.figure_id
    from lineage.measure
    cross join unnest(measure.inputs) with ordinality as input (name, nth)
    left join lineage.measure as own on own.mart = measure.mart and own.measure = input.name
    left join lateral (
        select signed.sign, id::bigint as figure_id
        from (values (1, '_figure_ids'), (-1, '_less_figure_ids')) as signed (sign, ending)
        cross join nullif(mart_row -> (input.name || signed.ending), 'null') as ids
        cross join jsonb_array_elements_text(ids) as id
        union all
        select 1, unnest(prints)
    ) as listed on true
    where
        measure.mart = cited.mart
        and case
            when wanted is not null then wanted in (measure.column_name, coalesce(measure.measure, ''))
            when measure.measure is not null then listed.figure_id is not null
            else mart_row ->> measure.column_name is not null
        end
    order by measure.place, input.nth, listed.sign desc, listed.figure_id;
end $$
"""

TRACE = """
create function lineage.trace(
    mart text, key text, measure text default null, published date default null, recorded timestamptz default null
) returns table (
    column_name text, value numeric, formula text, input_measure text, sign integer, figure_id text,
    series_code text, figure_measure text, period_code text, figure_value numeric, null_reason text, unit text,
    flag text, locator text, as_printed text, header_locator text, header_as_printed text,
    measure_header_locator text, measure_header_as_printed text, unit_locator text, unit_as_printed text,
    label_raw text, release text, release_id text, origin text, sha256 text, url text, published_on date,
    published_on_from text, first_fetched_at timestamptz, accepted_by text, accepted_at timestamptz,
    accepted_reason text, parser text, parser_version text, canonical_sha256 text, value_used numeric, corrections jsonb
)
language plpgsql stable set timezone = 'GMT' as $$
#variable_conflict use_column
declare
    mart_row jsonb;
    seen bigint;
begin
    execute format(
        'select to_jsonb(found) from (%s) as found', lineage.row_query(mart, key, 'marts', published, recorded)
    ) into mart_row;
    if mart_row is null then
        perform lineage.no_row(mart, key, 'marts', published, recorded);
    end if;
    seen := lineage.seen(mart_row, 'marts', recorded);
    return query
    with
    cited as materialized (
        select * from lineage.cited(trace.mart, mart_row, trace.measure) with ordinality
    ),

    figures as materialized (
        select figure.*, lineage.corrections(figure.figure_id, seen) as corrections
        from lineage.figure
        where figure.figure_id = any(array(select cited.figure_id from cited))
    ),

    handles as (
        select * from lineage.handles(array(select distinct figures.release_id from figures))
    )

    select
        cited.column_name, cited.value, cited.formula, cited.input_measure, cited.sign, cited.figure_id::text,
        figures.series_code, figures.measure, figures.period_code, figures.value, figures.null_reason, figures.unit,
        figures.flag, figures.locator, figures.as_printed, figures.header_locator, figures.header_as_printed,
        figures.measure_header_locator, figures.measure_header_as_printed, figures.unit_locator,
        figures.unit_as_printed, figures.label_raw, handles.handle, figures.release_id::text, figures.origin,
        figures.sha256, figures.url, figures.published_on, figures.published_on_from, figures.first_fetched_at,
        figures.accepted_by, figures.accepted_at, figures.accepted_reason, figures.parser, figures.parser_version,
        figures.canonical_sha256,
        case
            when figures.corrections = '[]' then figures.value else (figures.corrections -> 0 ->> 'value')::numeric
        end,
        figures.corrections
    from cited
    left join figures on figures.figure_id = cited.figure_id
    left join handles on handles.release_id = figures.release_id
    order by cited.ordinality;
end $$
"""

IMPACT = """
create function lineage.impact(first_id bigint, last_id bigint)
returns table (mart text, key text, measure text, role text, columns text[])
language plpgsql stable set timezone = 'GMT' as $$
#variable_conflict use_column
declare
    one record;
begin
    for one in
        select
            measure.mart, input.name as measure, roles.role, attribute.attname as ids,
            array_agg(measure.column_name order by measure.place) as columns,
            (
                select string_agg(format('found.%I', name), ', ')
                from unnest(lineage.key_columns(to_regclass(format('marts.%I', measure.mart)))) as name
            ) as key
        from lineage.measure
        cross join unnest(measure.inputs) as input (name)
        cross join (values ('added', '_figure_ids'), ('taken away', '_less_figure_ids')) as roles (role, ending)
        left join pg_catalog.pg_attribute as attribute
            on attribute.attrelid = to_regclass(format('marts.%I', measure.mart))
            and attribute.attname = input.name || roles.ending
        where
            to_regclass(format('marts.%I', measure.mart)) is not null
            and (attribute.attname is not null or (measure.cites is not null and roles.role = 'added'))
        group by measure.mart, input.name, roles.role, attribute.attname
    loop
        return query execute format(
            'select distinct %1$L, concat_ws(''/'', %2$s), %3$L, %4$L, %5$L::text[] from marts.%1$I as found, %6$s '
            'and listed.figure_id between $1 and $2',
            one.mart, one.key, one.measure, one.role, one.columns,
            case
                when one.ids is null then lineage.cites(one.mart, 'marts')
                -- the ids of a row ascend: the ends rule out most rows
                else format(
                    'unnest(found.%1$I) as listed (figure_id) '
                    'where found.%1$I[1] <= $2 and found.%1$I[cardinality(found.%1$I)] >= $1', one.ids
                )
            end
        ) using first_id, last_id;
    end loop;
end $$
"""


def downgrade():
    for name in FUNCTIONS:
        op.execute(f"drop function lineage.{name}")
    op.execute("drop view lineage.figure")
    op.drop_table("measure", schema="lineage")
    op.drop_index("fetch_sha256_idx", "fetch", schema="archive")
