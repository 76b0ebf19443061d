-- revision: of a tenant's inventory
SELECT revision FROM inventory_revisions WHERE tenant = ?;

-- raise_revision: something changed
INSERT INTO inventory_revisions (tenant, revision) VALUES (?, 1)
ON CONFLICT (tenant) DO UPDATE SET revision = revision + 1;

-- of_source: everything a source ever named, retired ones too, to compare an import with
SELECT assets.number, assets.retired, assets.kind, assets.source_id, assets.name, kinds.type, kinds.role, kinds.platform, kinds.os,
    kinds.environment, kinds.site, kinds.owner, kinds.status, kinds.criticality, assets.ip, assets.services,
    assets.connection, assets.attributes
FROM assets JOIN asset_kinds AS kinds ON kinds.tenant = assets.tenant AND kinds.number = assets.kind
WHERE assets.tenant = ? AND assets.source = ?;

-- kinds_of_source: number of each kind that assets of a source may be of
SELECT type, role, platform, os, environment, site, owner, status, criticality, number
FROM asset_kinds WHERE tenant = ? AND source = ?;

-- newest_kind: of the tenant
SELECT coalesce(max(number), 0) FROM asset_kinds WHERE tenant = ?;

-- add_kind: what many assets have in common
INSERT INTO asset_kinds (
    tenant, number, source, type, role, platform, os, environment, site, owner, status, criticality, assets
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0);

-- count_kind: more, or less, of a kind
UPDATE asset_kinds SET assets = assets + ? WHERE tenant = ? AND number = ?;

-- newest_number: of all assets
SELECT coalesce(max(number), 0) FROM assets;

-- add_asset: one asset of an import
INSERT INTO assets (
    number, asset_id, tenant, source, source_id, kind, name, name_key, ip, services, connection, attributes, retired
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0);

-- change_asset: an asset as an import now tells it, under the id it has
UPDATE assets SET kind = ?, name = ?, name_key = ?, ip = ?, services = ?, connection = ?, attributes = ?, retired = 0
WHERE number = ?;

-- retire_asset: its source no longer names it
UPDATE assets SET retired = 1 WHERE number = ?;

-- forget_services: before they are written anew
DELETE FROM asset_services WHERE asset = ?;

-- add_service: an asset runs a service of that name
INSERT INTO asset_services (name_key, asset, name) VALUES (?, ?, ?) ON CONFLICT DO NOTHING;

-- counts_of_kinds: how many assets of the kinds that fit have each word in a field
SELECT asset_kinds.{field}, sum(asset_kinds.assets) FROM asset_kinds
WHERE asset_kinds.tenant = :tenant AND asset_kinds.assets > 0 {kinds}
GROUP BY asset_kinds.{field};

-- counts_of_assets: how many of the assets that fit have each word in a field
SELECT asset_kinds.{field}, sum(found.assets)
FROM (
    SELECT assets.kind AS kind, count(*) AS assets FROM assets
    WHERE assets.tenant = :tenant AND assets.retired = 0 {conditions}
    GROUP BY +assets.kind -- the plus: the index on kinds helps no condition of these
) AS found JOIN asset_kinds ON asset_kinds.tenant = :tenant AND asset_kinds.number = found.kind
GROUP BY asset_kinds.{field};

-- counts_by_name: how many assets of each name fit
SELECT assets.name, count(*) FROM assets
WHERE assets.tenant = :tenant AND assets.retired = 0 {conditions}
GROUP BY assets.name;

-- counts_by_service: how many of the assets that fit run each service
SELECT asset_services.name, count(*)
FROM assets JOIN asset_services ON asset_services.asset = assets.number
WHERE assets.tenant = :tenant AND assets.retired = 0 {conditions}
GROUP BY asset_services.name;

-- page: assets that fit, by name
SELECT assets.asset_id, assets.tenant, assets.name, kinds.type, assets.source, assets.source_id, kinds.role,
    kinds.platform, kinds.os, kinds.environment, kinds.site, kinds.owner, kinds.status, assets.ip, kinds.criticality,
    assets.services, assets.connection, assets.attributes
FROM assets JOIN asset_kinds AS kinds ON kinds.tenant = assets.tenant AND kinds.number = assets.kind
WHERE assets.tenant = :tenant AND assets.retired = 0 {conditions}
ORDER BY assets.name_key, assets.asset_id
LIMIT :limit OFFSET :offset;

-- of_kinds: a condition; the kind is one of those that fit
AND assets.kind IN (SELECT number FROM asset_kinds WHERE asset_kinds.tenant = :tenant {kinds});

-- fits_kind: a condition on kinds; each field is NULL, or a JSON list of words of which one must be it
AND (:type IS NULL OR casefold(asset_kinds.type) IN (SELECT value FROM json_each(:type)))
AND (:role IS NULL OR casefold(asset_kinds.role) IN (SELECT value FROM json_each(:role)))
AND (:platform IS NULL OR casefold(asset_kinds.platform) IN (SELECT value FROM json_each(:platform)))
AND (:os IS NULL OR casefold(asset_kinds.os) IN (SELECT value FROM json_each(:os)))
AND (:environment IS NULL OR casefold(asset_kinds.environment) IN (SELECT value FROM json_each(:environment)))
AND (:site IS NULL OR casefold(asset_kinds.site) IN (SELECT value FROM json_each(:site)))
AND (:owner IS NULL OR casefold(asset_kinds.owner) IN (SELECT value FROM json_each(:owner)))
AND (:status IS NULL OR casefold(asset_kinds.status) IN (SELECT value FROM json_each(:status)))
AND (:source IS NULL OR casefold(asset_kinds.source) IN (SELECT value FROM json_each(:source)));

-- fits_name: a condition; one of the words is the name
AND assets.name_key IN (SELECT value FROM json_each(:name));

-- fits_service: a condition; a service has one of the words as its name
AND assets.number IN (
    SELECT asset FROM asset_services WHERE name_key IN (SELECT value FROM json_each(:service))
);

-- fits_text: a condition; the text is part of the name, of the address, or of any field
AND (
    instr(assets.name_key, :text) OR instr(lower(assets.ip), :text)
    OR assets.kind IN (
        SELECT number FROM asset_kinds WHERE tenant = :tenant AND (
            instr(casefold(type), :text) OR instr(casefold(role), :text) OR instr(casefold(platform), :text)
            OR instr(casefold(os), :text) OR instr(casefold(environment), :text) OR instr(casefold(site), :text)
            OR instr(casefold(owner), :text) OR instr(casefold(status), :text) OR instr(casefold(source), :text)
        )
    )
    OR assets.number IN (SELECT asset FROM asset_services WHERE instr(name_key, :text))
);

-- by_name: for each of the texts, the assets of that name
SELECT texts.key, assets.asset_id, assets.name, kinds.type, kinds.platform, kinds.environment, kinds.site, kinds.owner,
    assets.services, kinds.criticality
FROM json_each(:texts) AS texts
CROSS JOIN assets ON assets.tenant = :tenant AND assets.retired = 0 AND assets.name_key = texts.value
JOIN asset_kinds AS kinds ON kinds.tenant = assets.tenant AND kinds.number = assets.kind
ORDER BY texts.key, assets.name, assets.asset_id;

-- by_address: for each of the texts, the assets of that address
SELECT texts.key, assets.asset_id, assets.name, kinds.type, kinds.platform, kinds.environment, kinds.site, kinds.owner,
    assets.services, kinds.criticality
FROM json_each(:texts) AS texts
CROSS JOIN assets
    ON assets.tenant = :tenant AND assets.retired = 0 AND assets.ip <> '' AND assets.ip = texts.value COLLATE NOCASE
JOIN asset_kinds AS kinds ON kinds.tenant = assets.tenant AND kinds.number = assets.kind
ORDER BY texts.key, assets.name, assets.asset_id;

-- by_service: for each of the texts, the assets that run a service of that name
SELECT texts.key, assets.asset_id, assets.name, kinds.type, kinds.platform, kinds.environment, kinds.site, kinds.owner,
    assets.services, kinds.criticality
FROM json_each(:texts) AS texts
CROSS JOIN asset_services ON asset_services.name_key = texts.value
CROSS JOIN assets ON assets.number = asset_services.asset AND assets.tenant = :tenant AND assets.retired = 0
JOIN asset_kinds AS kinds ON kinds.tenant = assets.tenant AND kinds.number = assets.kind
ORDER BY texts.key, assets.name, assets.asset_id;

-- by_id: the assets of the ids, in the order of the ids
SELECT assets.asset_id, assets.tenant, assets.name, kinds.type, assets.source, assets.source_id, kinds.role,
    kinds.platform, kinds.os, kinds.environment, kinds.site, kinds.owner, kinds.status, assets.ip, kinds.criticality,
    assets.services, assets.connection, assets.attributes
FROM json_each(:ids) AS ids
CROSS JOIN assets ON assets.tenant = :tenant AND assets.asset_id = ids.value AND assets.retired = 0
JOIN asset_kinds AS kinds ON kinds.tenant = assets.tenant AND kinds.number = assets.kind
ORDER BY ids.key;

-- names: every name there is
SELECT DISTINCT name FROM assets WHERE tenant = ? AND retired = 0 ORDER BY name;

-- words_of_kinds: the kinds that have an asset
SELECT type, role, platform, os, environment, site, owner, status, source FROM asset_kinds
WHERE tenant = ? AND assets > 0;

-- words_of_services: the names of services that run on an asset
SELECT DISTINCT asset_services.name FROM asset_services JOIN assets ON assets.number = asset_services.asset
WHERE assets.tenant = ? AND assets.retired = 0;
