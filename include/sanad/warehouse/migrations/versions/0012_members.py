"""Trace and impact in SQL of what registers list: the entries a row cites, and whom a count counts.

A count is ``count(members)``: the view ``<mart>_member`` says which registrations, and each of these cites entries.
"""

from alembic import context, op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# errcode SN001: the call was wrong; the command line prints the message as it is


def upgrade():
    op.execute(ENTRY)
    op.execute("alter view lineage.entry owner to owner")
    op.execute("grant select on lineage.entry to auditor")
    op.execute("comment on view lineage.entry is 'Every staged entry with its release and who accepted it.'")
    op.execute(f"drop function lineage.{TRACE_BEFORE}")
    for statement in (COUNTS, CITES_ENTRIES, MUST_KNOW, MEMBERS, SOURCE, CORRECTIONS, CITED, TRACE, IMPACT):
        op.execute(statement)
    for name, words in FUNCTIONS.items():
        _hand_over(name, words)


def _hand_over(name, words):
    op.execute(f"alter function lineage.{name} owner to owner")
    op.execute(f"revoke execute on function lineage.{name} from public")
    op.execute(f"grant execute on function lineage.{name} to auditor")
    op.execute(f"comment on function lineage.{name} is $words${words}$words$")


TRACE_BEFORE = "trace(text, text, text, date, timestamptz)"
NEW = {
    "counts(text, text)": "The counts of a mart: its columns of whole numbers that are no id, where a view "
    "<mart>_member says whom they count.",
    "cites_entries(text, text)": "Whether the rows of a mart rest on entries of registers: cited by id, or counted.",
    "must_know(text, text, text)": "Raises where a mart has no such measure, and says which it has.",
    "members(text, jsonb, text, text, integer, integer)": "Whom each count of a row counts, at most so many of each "
    "after so many that are skipped; a row without a member for a count that has none there.",
}
FUNCTIONS = NEW | {
    "trace(text, text, text, date, timestamptz, integer, integer)": "Where a row of a mart comes from, one row a "
    "figure or an entry: select * from lineage.trace('mart_call_centres', '2026-03', 'exports'). A count of thousands "
    "is asked for in parts: most_members => 50, skipped_members => 100.",
    "impact(bigint, bigint)": "The rows of the marts that use figures or entries of a range of ids: "
    "select * from lineage.impact(figure_id, figure_id), or release_id << 28 to (release_id + 1 << 28) - 1.",
    "corrections(bigint, bigint)": "The declared corrections of a figure or an entry that were in force at a ledger "
    "event.",
}

ENTRY = """
create view lineage.entry as
select
    entry.entry_id, entry.locator, entry.kind, entry.certificate_no, entry.name, entry.place,
    release.release_id, release.dataset, extraction.edition, release.origin, release.sha256, release.url,
    release.published_on, release.published_on_from, release.first_fetched_at,
    extraction.extraction_id, extraction.parser, extraction.parser_version, extraction.canonical_sha256,
    accepted.at as accepted_at, accepted.actor as accepted_by, accepted.reason as accepted_reason
from staging.entry
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

COUNTS = """
create function lineage.counts(mart text, from_schema text default 'marts') returns text[]
language sql stable as $$
    select array(
        select attribute.attname::text
        from pg_catalog.pg_attribute as attribute
        where
            to_regclass(format('%I.%I', from_schema, mart || '_member')) is not null
            and attribute.attrelid = to_regclass(format('%I.%I', from_schema, mart))
            and attribute.atttypid in ('integer'::regtype, 'bigint'::regtype)
            and attribute.attnum > 0 and not attribute.attisdropped and attribute.attname !~ '_id$'
        order by attribute.attnum
    )
$$
"""

CITES_ENTRIES = """
create function lineage.cites_entries(mart text, from_schema text default 'marts') returns boolean
language sql stable as $$
    select
        lineage.key_columns(relation.oid) is not null
        and (
            to_regclass(format('%I.%I', from_schema, mart || '_member')) is not null
            or exists (
                select from pg_catalog.pg_attribute as attribute
                where attribute.attrelid = relation.oid and attribute.attname = 'entry_ids' and not attisdropped
            )
        )
    from (select to_regclass(format('%I.%I', from_schema, mart)) as oid) as relation
$$
"""

MUST_KNOW = """
create function lineage.must_know(mart text, wanted text, from_schema text) returns void
language plpgsql stable as $$
declare
    known text[] := lineage.counts(mart, from_schema);
begin
    if wanted = any(known) or exists (
        select from lineage.measure
        where measure.mart = must_know.mart and wanted in (measure.column_name, measure.measure)
    ) then
        return;
    end if;
    known := array(
        select measure.column_name from lineage.measure where measure.mart = must_know.mart order by measure.place
    ) || known;
    raise '% has no measure ''%''; known: %', mart, wanted, coalesce(nullif(array_to_string(known, ', '), ''), 'none')
        using errcode = 'SN001';
end $$
"""

# literals, not parameters: so the view is asked by its key and an index can serve
MEMBERS = """
create function lineage.members(
    mart text, mart_row jsonb, wanted text default null, from_schema text default 'marts', most integer default null,
    skipped integer default 0
) returns table (
    column_name text, value bigint, registrant_code text, location_code text, origin text, entry_ids bigint[]
)
language plpgsql stable rows 50 as $$
declare
    name text;
    of_row text := (
        select string_agg(format('member.%I = %L', key.name, mart_row ->> key.name), ' and ')
        from unnest(lineage.key_columns(to_regclass(format('%I.%I', from_schema, mart)))) as key (name)
    );
begin
    foreach name in array lineage.counts(mart, from_schema) loop
        continue when wanted <> name or (wanted is null and mart_row ->> name is null);
        return query execute format(
            $query$
                select %1$L, $1, listed.registrant_code, listed.location_code, listed.origin, listed.entry_ids
                from (values (true)) as count (is_asked)
                left join lateral (
                    select member.registrant_code, member.location_code, member.origin, member.entry_ids
                    from %2$I.%3$I as member
                    where %4$s and member.measure = %1$L
                    order by member.registrant_code, member.location_code, member.entry_ids
                    limit $2 offset $3
                ) as listed on count.is_asked
            $query$,
            name, from_schema, mart || '_member', of_row
        ) using (mart_row ->> name)::bigint, most, skipped;
    end loop;
end $$
"""

SOURCE = """
create or replace function lineage.source(mart text, from_schema text, published date, recorded timestamptz)
returns text
language plpgsql stable set timezone = 'GMT' as $$
declare
    relation regclass := to_regclass(format('%I.%I', from_schema, mart));
    function text := format('marts.%I', regexp_replace(mart, '^(fct|mart)_', '') || '_as_of');
    known text := (select string_agg(distinct measure.mart, ', ' order by measure.mart) from lineage.measure);
    has_figures boolean := exists (select from lineage.measure where measure.mart = source.mart);
    day text := coalesce(published, current_date)::text;
begin
    if known is null then
        raise 'nothing is built yet that could be traced: run `sanad build`' using errcode = 'SN001';
    elsif to_regnamespace(quote_ident(from_schema)) is null then
        raise 'there is no schema %: `sanad as-of DAY` makes one', from_schema using errcode = 'SN001';
    elsif relation is null then
        raise 'no mart ''%'' with figures to trace; known: %', mart, known using errcode = 'SN001';
    elsif not has_figures and not lineage.cites_entries(mart, from_schema) then
        raise '% holds no figures to trace: %', mart, trim(obj_description(relation), E'\\n') using errcode = 'SN001';
    elsif published is null and recorded is null then
        return format('%I.%I', from_schema, mart);
    elsif from_schema <> 'marts' then
        raise 'schema % is of one day already: ask without a day and an instant', from_schema using errcode = 'SN001';
    elsif has_figures and to_regprocedure(function || '(date, timestamptz)') is not null then
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

# the parameter keeps its name, for a function that stands is only replaced with the names it has
CORRECTIONS = """
create or replace function lineage.corrections(figure bigint, seen bigint) returns jsonb
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
    where figure::text in (one.correction ->> 'figure_id', one.correction ->> 'entry_id')
$$
"""

CITED = """
create or replace function lineage.cited(
    mart text, mart_row jsonb, wanted text default null, from_schema text default 'marts'
) returns table (
    place smallint, column_name text, value numeric, formula text,
    input_measure text, input_column text, input_value numeric, sign integer, figure_id bigint
)
language plpgsql stable rows 20 as $$
#variable_conflict use_column
declare
    prints bigint[];
begin
    if wanted is not null then
        perform lineage.must_know(mart, wanted, from_schema);
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
    mart text, key text, measure text default null, published date default null, recorded timestamptz default null,
    most_members integer default null, skipped_members integer default 0
) returns table (
    column_name text, value numeric, formula text, input_measure text, sign integer, figure_id text,
    series_code text, figure_measure text, period_code text, figure_value numeric, null_reason text, unit text,
    flag text, locator text, as_printed text, header_locator text, header_as_printed text,
    measure_header_locator text, measure_header_as_printed text, unit_locator text, unit_as_printed text,
    label_raw text, release text, release_id text, origin text, sha256 text, url text, published_on date,
    published_on_from text, first_fetched_at timestamptz, accepted_by text, accepted_at timestamptz,
    accepted_reason text, parser text, parser_version text, canonical_sha256 text, value_used numeric,
    corrections jsonb, registrant_code text, location_code text, entry_id text, certificate_no text, name text,
    place text
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
        figures.corrections, null::text, null::text, null::text, null::text, null::text, null::text
    from cited
    left join figures on figures.figure_id = cited.figure_id
    left join handles on handles.release_id = figures.release_id
    order by cited.ordinality;
    if not lineage.cites_entries(mart) then
        return;
    end if;
    return query
    with
    cited as materialized (
        select
            counted.ordinality, counted.column_name, counted.value, 'count(members)' as formula,
            counted.registrant_code, counted.location_code, entry.id as entry_id
        from lineage.members(trace.mart, mart_row, trace.measure, 'marts', most_members, skipped_members)
            with ordinality as counted
        left join unnest(counted.entry_ids) as entry (id) on true
        union all
        select 0, 'entry_ids', null, null, null, null, entry.id::bigint
        from jsonb_array_elements_text(nullif(mart_row -> 'entry_ids', 'null')) as entry (id)
    ),

    entries as materialized (
        select
            entry.*,
            -- asked of few: a call for each of thousands costs more than all the rest
            case
                when exists (
                    select from archive.ledger
                    where ledger.release_id = entry.release_id and ledger.event = 'corrected'
                ) then lineage.corrections(entry.entry_id, seen)
                else '[]'
            end as corrections
        from lineage.entry
        where entry.entry_id = any(array(select cited.entry_id from cited))
    ),

    handles as (
        select * from lineage.handles(array(select distinct entries.release_id from entries))
    )

    select
        cited.column_name, cited.value::numeric, cited.formula, null::text, null::integer, null::text,
        null::text, null::text, null::text, null::numeric, null::text, null::text,
        null::text, entries.locator, null::text, null::text, null::text,
        null::text, null::text, null::text, null::text,
        null::text, handles.handle, entries.release_id::text, entries.origin, entries.sha256, entries.url,
        entries.published_on, entries.published_on_from, entries.first_fetched_at, entries.accepted_by,
        entries.accepted_at, entries.accepted_reason, entries.parser, entries.parser_version,
        entries.canonical_sha256, null::numeric, entries.corrections,
        cited.registrant_code, cited.location_code, cited.entry_id::text, entries.certificate_no, entries.name,
        entries.place
    from cited
    left join entries on entries.entry_id = cited.entry_id
    left join handles on handles.release_id = entries.release_id
    order by cited.ordinality, cited.entry_id;
end $$
"""

IMPACT = """
create or replace function lineage.impact(first_id bigint, last_id bigint)
returns table (mart text, key text, measure text, role text, columns text[])
language plpgsql stable set timezone = 'GMT' as $$
#variable_conflict use_column
declare
    one record;
begin
    -- a release has figures or entries, never both
    if exists (select from staging.entry where entry_id between first_id and last_id) then
        for one in
            select
                relation.relname as relation, counted.mart,
                (
                    select string_agg(format('found.%I', name), ', ')
                    from unnest(lineage.key_columns(to_regclass(format('marts.%I', counted.mart)))) as name
                ) as key,
                case when relation.relkind = 'v' then 'found.measure' else quote_literal('entry_ids') end as measure,
                case when relation.relkind = 'v' then 'counted' else 'cited' end as role
            from pg_catalog.pg_class as relation
            join pg_catalog.pg_attribute as attribute on attribute.attrelid = relation.oid
            cross join regexp_replace(relation.relname, '_member$', '') as counted (mart)
            where
                relation.relnamespace = 'marts'::regnamespace and relation.relkind in ('r', 'v')
                and attribute.attname = 'entry_ids' and not attribute.attisdropped
        loop
            return query execute format(
                'select distinct %1$L, concat_ws(''/'', %2$s), %3$s, %4$L, array[%3$s] from marts.%5$I as found '
                'where exists (select from unnest(found.entry_ids) as listed (id) where listed.id between $1 and $2)',
                one.mart, one.key, one.measure, one.role, one.relation
            ) using first_id, last_id;
        end loop;
        return;
    end if;
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
    before = context.script.get_revision("0005").module
    op.execute("drop function lineage.trace(text, text, text, date, timestamptz, integer, integer)")
    op.execute(before.TRACE)
    _hand_over(TRACE_BEFORE, before.FUNCTIONS[TRACE_BEFORE])
    for statement in (before.SOURCE, before.CORRECTIONS, before.CITED, before.IMPACT):
        op.execute(statement.replace("create function", "create or replace function", 1))
    for name in NEW:
        op.execute(f"drop function lineage.{name}")
    op.execute("drop view lineage.entry")
