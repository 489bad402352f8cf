BEGIN TRANSACTION;
CREATE TABLE about (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
)
 STRICT

;
INSERT INTO "about" VALUES('audit_end','6 17c781a7a5bcab734f676f04a4c637b71d65bde8d07df21acb733068dc114d42.541715418c9a8adad9c9dafc3b69c50e8ecaac4786e7b04fd5e2582dfbf05eca');
INSERT INTO "about" VALUES('list version 1','nausea heart_rate vision dizziness headache dry_mouth tremor anxiety hallucinations dissociation fatigue sleep appetite bladder');
INSERT INTO "about" VALUES('schema_version','6');
INSERT INTO "about" VALUES('key','b066a6a455add60706d6871f230013402e6182002b0772659a3214a659613d1d');
CREATE TABLE attempts (
	id INTEGER NOT NULL, 
	what TEXT NOT NULL, 
	address_digest TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (id)
)
 STRICT

;
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	who TEXT NOT NULL, 
	did TEXT NOT NULL, 
	mac TEXT NOT NULL, 
	PRIMARY KEY (id)
)
 STRICT

;
INSERT INTO "audit" VALUES(1,1795510800000006,'passphrase','signed in as clinician by passphrase','d38a36a0034f32c24dd7e761238a48c0e7bac8f7e2ac255292efb1281af34ad7');
INSERT INTO "audit" VALUES(2,1795510800000018,'passphrase','registered infusion No. 1','819fcd87deb073546a3f21bc0116894faed45bc8a5fb48a2c73f8f2ad1830878');
INSERT INTO "audit" VALUES(3,1795510800000025,'passphrase','registered infusion No. 2','3773fc795a706884bcd67b8982e0b1d7f125fbb31c933fec920c0109986a3b24');
INSERT INTO "audit" VALUES(4,1795510800000031,'passphrase','registered infusion No. 3','52bbf81b69777fa0e74ae505b0890c0e7adf7d85ec39fea05266331117313add');
INSERT INTO "audit" VALUES(5,1795510800000036,'passphrase','revoked the invitation of infusion No. 3','8f9df0764ef7fe9bad943d88fb3d161517d50d605d1843308ae944604c35c619');
INSERT INTO "audit" VALUES(6,1795510860000043,'passphrase','marked a change from the week of 2026-10-26 on','17c781a7a5bcab734f676f04a4c637b71d65bde8d07df21acb733068dc114d42');
CREATE TABLE changes (
	id INTEGER NOT NULL, 
	week TEXT NOT NULL, 
	text TEXT NOT NULL, 
	made INTEGER NOT NULL, 
	who TEXT NOT NULL, 
	removed INTEGER, 
	PRIMARY KEY (id), 
	CONSTRAINT week_is_a_date CHECK (week LIKE '____-__-__'), 
	CONSTRAINT text_is_short CHECK (length(text) BETWEEN 1 AND 60)
)
 STRICT

;
INSERT INTO "changes" VALUES(1,'2026-10-26','new antiemetic',1795510860000042,'passphrase',NULL);
CREATE TABLE check_ins (
	id INTEGER NOT NULL, 
	key_digest TEXT NOT NULL, 
	receipt_digest TEXT NOT NULL, 
	week TEXT NOT NULL, 
	number_band TEXT NOT NULL, 
	window TEXT NOT NULL, 
	origin TEXT NOT NULL, 
	door TEXT NOT NULL, 
	language TEXT NOT NULL, 
	list_version INTEGER NOT NULL, 
	nausea INTEGER NOT NULL, 
	heart_rate INTEGER NOT NULL, 
	vision INTEGER NOT NULL, 
	dizziness INTEGER NOT NULL, 
	headache INTEGER NOT NULL, 
	dry_mouth INTEGER NOT NULL, 
	tremor INTEGER NOT NULL, 
	anxiety INTEGER NOT NULL, 
	hallucinations INTEGER NOT NULL, 
	dissociation INTEGER NOT NULL, 
	fatigue INTEGER NOT NULL, 
	sleep INTEGER NOT NULL, 
	appetite INTEGER NOT NULL, 
	bladder INTEGER NOT NULL, 
	none INTEGER NOT NULL, 
	recorded INTEGER NOT NULL, 
	withdrawn INTEGER, 
	corrected INTEGER, 
	infusion INTEGER, 
	PRIMARY KEY (id), 
	CONSTRAINT week_is_a_date CHECK (week LIKE '____-__-__'), 
	CONSTRAINT number_band_known CHECK ("number_band" IN ('1st', '2nd-6th', '7th-12th', '13th-24th', '25th+', 'later', 'unknown')), 
	CONSTRAINT window_known CHECK ("window" IN ('0-4 h', '4-24 h', '1-7 d', '>7 d')), 
	CONSTRAINT origin_known CHECK ("origin" IN ('open', 'invited')), 
	CONSTRAINT door_known CHECK ("door" IN ('app', 'plain')), 
	CONSTRAINT language_is_a_tag CHECK (length(language) BETWEEN 2 AND 12), 
	CONSTRAINT list_version_counts CHECK (list_version >= 1), 
	CONSTRAINT answers_are_bits CHECK ("nausea" IN (0, 1) AND "heart_rate" IN (0, 1) AND "vision" IN (0, 1) AND "dizziness" IN (0, 1) AND "headache" IN (0, 1) AND "dry_mouth" IN (0, 1) AND "tremor" IN (0, 1) AND "anxiety" IN (0, 1) AND "hallucinations" IN (0, 1) AND "dissociation" IN (0, 1) AND "fatigue" IN (0, 1) AND "sleep" IN (0, 1) AND "appetite" IN (0, 1) AND "bladder" IN (0, 1) AND "none" IN (0, 1)), 
	CONSTRAINT none_excludes_ticks CHECK (CASE WHEN withdrawn IS NULL THEN ("none" = 1) = ("nausea" + "heart_rate" + "vision" + "dizziness" + "headache" + "dry_mouth" + "tremor" + "anxiety" + "hallucinations" + "dissociation" + "fatigue" + "sleep" + "appetite" + "bladder" = 0) ELSE "none" + "nausea" + "heart_rate" + "vision" + "dizziness" + "headache" + "dry_mouth" + "tremor" + "anxiety" + "hallucinations" + "dissociation" + "fatigue" + "sleep" + "appetite" + "bladder" = 0 END), 
	CONSTRAINT digests_are_sha256 CHECK (length(key_digest) = 64 AND length(receipt_digest) = 64), 
	UNIQUE (key_digest), 
	FOREIGN KEY(infusion) REFERENCES infusions (id)
)
 STRICT

;
INSERT INTO "check_ins" VALUES(1,'9e14d625f00287187760466354ca6f2ee53d5730e371414812d5d3434720ad91','ca8ab85d1aff8696e6ea4c38afcdca199a2162f0e11687ea85136b0fbb1dbdde','2026-11-23','unknown','0-4 h','open','app','en',1,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1795510800000007,NULL,NULL,NULL);
INSERT INTO "check_ins" VALUES(2,'733d20028e4a2d0b58e791f196698583edfebfaab037eb8d4add6857d1d02bed','c93e85c65086c4fd186737da30669cd89d31d4f592ed0d29787778d904bfdfef','2026-11-23','unknown','>7 d','open','app','en',1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,1795510800000008,NULL,NULL,NULL);
INSERT INTO "check_ins" VALUES(3,'0ae7c342e736a091e9686480d238d64ab1581de6b3d0f51e3db88b94c1d416ee','b1aa1ecc6c83644542fe263c7b132a24bf8e188bcaa28b5f63b6097ec115df2d','2026-11-23','unknown','4-24 h','open','app','en',1,0,0,0,0,0,0,0,0,0,0,1,0,0,0,0,1795510800000009,NULL,1795510800000010,NULL);
INSERT INTO "check_ins" VALUES(4,'11d5eef72adbf0dd59392c947fc56acdb885fa799be11d148ba946dced9eae49','47a3c0a655e80278feb13fd0b2f3ab0c76678f8da1db015b8c72b582543ac7c9','2026-11-23','unknown','0-4 h','open','app','en',1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1795510800000011,1795510800000012,NULL,NULL);
INSERT INTO "check_ins" VALUES(5,'a34d30ce8f553e6bfc0e0b5b09683d5eedd049791945de20c94eeee7e0e0cbdc','b060caa30102b1f5110e6b28634a6b90b98f8d1286e3cd3fefc64734ac7d0c41','2026-11-23','13th-24th','0-4 h','invited','app','en',1,1,0,0,1,0,0,0,0,0,0,0,0,0,0,0,1795510800000019,NULL,NULL,1);
CREATE TABLE corrections (
	id INTEGER NOT NULL, 
	check_in INTEGER NOT NULL, 
	replaced INTEGER NOT NULL, 
	nausea INTEGER NOT NULL, 
	heart_rate INTEGER NOT NULL, 
	vision INTEGER NOT NULL, 
	dizziness INTEGER NOT NULL, 
	headache INTEGER NOT NULL, 
	dry_mouth INTEGER NOT NULL, 
	tremor INTEGER NOT NULL, 
	anxiety INTEGER NOT NULL, 
	hallucinations INTEGER NOT NULL, 
	dissociation INTEGER NOT NULL, 
	fatigue INTEGER NOT NULL, 
	sleep INTEGER NOT NULL, 
	appetite INTEGER NOT NULL, 
	bladder INTEGER NOT NULL, 
	none INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT answers_are_bits CHECK ("nausea" IN (0, 1) AND "heart_rate" IN (0, 1) AND "vision" IN (0, 1) AND "dizziness" IN (0, 1) AND "headache" IN (0, 1) AND "dry_mouth" IN (0, 1) AND "tremor" IN (0, 1) AND "anxiety" IN (0, 1) AND "hallucinations" IN (0, 1) AND "dissociation" IN (0, 1) AND "fatigue" IN (0, 1) AND "sleep" IN (0, 1) AND "appetite" IN (0, 1) AND "bladder" IN (0, 1) AND "none" IN (0, 1)), 
	CONSTRAINT none_excludes_ticks CHECK ("none" * ("nausea" + "heart_rate" + "vision" + "dizziness" + "headache" + "dry_mouth" + "tremor" + "anxiety" + "hallucinations" + "dissociation" + "fatigue" + "sleep" + "appetite" + "bladder") = 0), 
	FOREIGN KEY(check_in) REFERENCES check_ins (id)
)
 STRICT

;
INSERT INTO "corrections" VALUES(1,3,1795510800000010,0,0,0,0,1,0,0,0,0,0,0,0,0,0,0);
CREATE TABLE infusion_tallies (
	week TEXT NOT NULL, 
	number_band TEXT NOT NULL, 
	invited INTEGER NOT NULL, 
	answered INTEGER NOT NULL, 
	answered_from_0_h INTEGER NOT NULL, 
	answered_from_4_h INTEGER NOT NULL, 
	answered_from_24_h INTEGER NOT NULL, 
	answered_from_168_h INTEGER NOT NULL, 
	PRIMARY KEY (week, number_band), 
	CONSTRAINT week_is_a_date CHECK (week LIKE '____-__-__'), 
	CONSTRAINT number_band_known CHECK ("number_band" IN ('1st', '2nd-6th', '7th-12th', '13th-24th', '25th+', 'later', 'unknown')), 
	CONSTRAINT answered_within_invited CHECK (answered BETWEEN 0 AND invited), 
	CONSTRAINT windows_within_answered CHECK (answered_from_0_h BETWEEN 0 AND answered AND answered_from_4_h BETWEEN 0 AND answered AND answered_from_24_h BETWEEN 0 AND answered AND answered_from_168_h BETWEEN 0 AND answered)
)
 STRICT

;
INSERT INTO "infusion_tallies" VALUES('2026-11-23','13th-24th',1,1,1,0,0,0);
INSERT INTO "infusion_tallies" VALUES('2026-11-23','7th-12th',1,0,0,0,0,0);
INSERT INTO "infusion_tallies" VALUES('2026-11-23','unknown',0,0,0,0,0,0);
CREATE TABLE infusions (
	id INTEGER NOT NULL, 
	code_digest TEXT NOT NULL, 
	ended INTEGER NOT NULL, 
	number INTEGER, 
	week TEXT NOT NULL, 
	number_band TEXT NOT NULL, 
	registered INTEGER NOT NULL, 
	revoked INTEGER, 
	PRIMARY KEY (id), 
	CONSTRAINT week_is_a_date CHECK (week LIKE '____-__-__'), 
	CONSTRAINT number_band_known CHECK ("number_band" IN ('1st', '2nd-6th', '7th-12th', '13th-24th', '25th+', 'later', 'unknown')), 
	UNIQUE (code_digest), 
	CONSTRAINT digest_is_sha256 CHECK (length(code_digest) = 64), 
	CONSTRAINT number_counts CHECK (number >= 1)
)
 STRICT

;
INSERT INTO "infusions" VALUES(1,'ea7faee9a4026a839e1280b388180440e5bafb8e364ce557acea76ceaaae2cb9',1795503600000000,20,'2026-11-23','13th-24th',1795510800000013,NULL);
INSERT INTO "infusions" VALUES(2,'b562deeb3ceff7b19e3c622cba3fb039c5757a881ad0c032e5b30fa9a33089d5',1795507200000000,7,'2026-11-23','7th-12th',1795510800000020,NULL);
INSERT INTO "infusions" VALUES(3,'74b3ebdf9c3f11f94ff5b39538aec97966fc5c737cfab7288834d6ea251f14d8',1795510800000026,NULL,'2026-11-23','unknown',1795510800000026,1795510800000035);
CREATE TABLE refusals (
	what TEXT NOT NULL, 
	quarter INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	PRIMARY KEY (what, quarter)
)
 STRICT

;
CREATE TABLE staff (
	name TEXT NOT NULL, 
	role TEXT NOT NULL, 
	added INTEGER NOT NULL, 
	PRIMARY KEY (name), 
	CONSTRAINT role_known CHECK ("role" IN ('clinician', 'reception')), 
	CONSTRAINT name_is_short CHECK (length(name) BETWEEN 1 AND 60)
)
 STRICT

;
CREATE TABLE staff_challenges (
	digest TEXT NOT NULL, 
	answered INTEGER NOT NULL, 
	PRIMARY KEY (digest)
)
 STRICT

;
CREATE TABLE staff_devices (
	credential TEXT NOT NULL, 
	who TEXT NOT NULL, 
	host TEXT NOT NULL, 
	public_key TEXT NOT NULL, 
	uses INTEGER NOT NULL, 
	added INTEGER NOT NULL, 
	PRIMARY KEY (credential), 
	FOREIGN KEY(who) REFERENCES staff (name)
)
 STRICT

;
CREATE TABLE staff_links (
	digest TEXT NOT NULL, 
	who TEXT, 
	role TEXT NOT NULL, 
	expires INTEGER NOT NULL, 
	PRIMARY KEY (digest), 
	CONSTRAINT role_known CHECK ("role" IN ('clinician', 'reception'))
)
 STRICT

;
CREATE TABLE staff_passphrase (
	id INTEGER NOT NULL, 
	argon2id TEXT NOT NULL, 
	changed INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT one_passphrase CHECK (id = 1)
)
 STRICT

;
CREATE TABLE staff_sessions (
	token_digest TEXT NOT NULL, 
	who TEXT NOT NULL, 
	role TEXT NOT NULL, 
	way TEXT NOT NULL, 
	began INTEGER NOT NULL, 
	seen INTEGER NOT NULL, 
	ends INTEGER NOT NULL, 
	ended INTEGER, 
	PRIMARY KEY (token_digest), 
	CONSTRAINT role_known CHECK ("role" IN ('clinician', 'reception'))
)
 STRICT

;
INSERT INTO "staff_sessions" VALUES('fde460e75a716c1c80e24620e73c4c0045c6985ff25548ed6f1b3c5450e6f2c4','passphrase','clinician','passphrase',1795510800000003,1795510860000041,1795539600000003,NULL);
CREATE TABLE tallies (
	week TEXT NOT NULL, 
	number_band TEXT NOT NULL, 
	window TEXT NOT NULL, 
	origin TEXT NOT NULL, 
	door TEXT NOT NULL, 
	language TEXT NOT NULL, 
	list_version INTEGER NOT NULL, 
	n INTEGER NOT NULL, 
	nausea INTEGER NOT NULL, 
	heart_rate INTEGER NOT NULL, 
	vision INTEGER NOT NULL, 
	dizziness INTEGER NOT NULL, 
	headache INTEGER NOT NULL, 
	dry_mouth INTEGER NOT NULL, 
	tremor INTEGER NOT NULL, 
	anxiety INTEGER NOT NULL, 
	hallucinations INTEGER NOT NULL, 
	dissociation INTEGER NOT NULL, 
	fatigue INTEGER NOT NULL, 
	sleep INTEGER NOT NULL, 
	appetite INTEGER NOT NULL, 
	bladder INTEGER NOT NULL, 
	none INTEGER NOT NULL, 
	ticked_1 INTEGER NOT NULL, 
	ticked_2 INTEGER NOT NULL, 
	ticked_3 INTEGER NOT NULL, 
	ticked_4 INTEGER NOT NULL, 
	ticked_5 INTEGER NOT NULL, 
	ticked_6 INTEGER NOT NULL, 
	ticked_7 INTEGER NOT NULL, 
	ticked_8 INTEGER NOT NULL, 
	ticked_9 INTEGER NOT NULL, 
	ticked_10 INTEGER NOT NULL, 
	ticked_11 INTEGER NOT NULL, 
	ticked_12 INTEGER NOT NULL, 
	ticked_13 INTEGER NOT NULL, 
	ticked_14 INTEGER NOT NULL, 
	nausea_and_heart_rate INTEGER NOT NULL, 
	nausea_and_vision INTEGER NOT NULL, 
	nausea_and_dizziness INTEGER NOT NULL, 
	nausea_and_headache INTEGER NOT NULL, 
	nausea_and_dry_mouth INTEGER NOT NULL, 
	nausea_and_tremor INTEGER NOT NULL, 
	nausea_and_anxiety INTEGER NOT NULL, 
	nausea_and_hallucinations INTEGER NOT NULL, 
	nausea_and_dissociation INTEGER NOT NULL, 
	nausea_and_fatigue INTEGER NOT NULL, 
	nausea_and_sleep INTEGER NOT NULL, 
	nausea_and_appetite INTEGER NOT NULL, 
	nausea_and_bladder INTEGER NOT NULL, 
	heart_rate_and_vision INTEGER NOT NULL, 
	heart_rate_and_dizziness INTEGER NOT NULL, 
	heart_rate_and_headache INTEGER NOT NULL, 
	heart_rate_and_dry_mouth INTEGER NOT NULL, 
	heart_rate_and_tremor INTEGER NOT NULL, 
	heart_rate_and_anxiety INTEGER NOT NULL, 
	heart_rate_and_hallucinations INTEGER NOT NULL, 
	heart_rate_and_dissociation INTEGER NOT NULL, 
	heart_rate_and_fatigue INTEGER NOT NULL, 
	heart_rate_and_sleep INTEGER NOT NULL, 
	heart_rate_and_appetite INTEGER NOT NULL, 
	heart_rate_and_bladder INTEGER NOT NULL, 
	vision_and_dizziness INTEGER NOT NULL, 
	vision_and_headache INTEGER NOT NULL, 
	vision_and_dry_mouth INTEGER NOT NULL, 
	vision_and_tremor INTEGER NOT NULL, 
	vision_and_anxiety INTEGER NOT NULL, 
	vision_and_hallucinations INTEGER NOT NULL, 
	vision_and_dissociation INTEGER NOT NULL, 
	vision_and_fatigue INTEGER NOT NULL, 
	vision_and_sleep INTEGER NOT NULL, 
	vision_and_appetite INTEGER NOT NULL, 
	vision_and_bladder INTEGER NOT NULL, 
	dizziness_and_headache INTEGER NOT NULL, 
	dizziness_and_dry_mouth INTEGER NOT NULL, 
	dizziness_and_tremor INTEGER NOT NULL, 
	dizziness_and_anxiety INTEGER NOT NULL, 
	dizziness_and_hallucinations INTEGER NOT NULL, 
	dizziness_and_dissociation INTEGER NOT NULL, 
	dizziness_and_fatigue INTEGER NOT NULL, 
	dizziness_and_sleep INTEGER NOT NULL, 
	dizziness_and_appetite INTEGER NOT NULL, 
	dizziness_and_bladder INTEGER NOT NULL, 
	headache_and_dry_mouth INTEGER NOT NULL, 
	headache_and_tremor INTEGER NOT NULL, 
	headache_and_anxiety INTEGER NOT NULL, 
	headache_and_hallucinations INTEGER NOT NULL, 
	headache_and_dissociation INTEGER NOT NULL, 
	headache_and_fatigue INTEGER NOT NULL, 
	headache_and_sleep INTEGER NOT NULL, 
	headache_and_appetite INTEGER NOT NULL, 
	headache_and_bladder INTEGER NOT NULL, 
	dry_mouth_and_tremor INTEGER NOT NULL, 
	dry_mouth_and_anxiety INTEGER NOT NULL, 
	dry_mouth_and_hallucinations INTEGER NOT NULL, 
	dry_mouth_and_dissociation INTEGER NOT NULL, 
	dry_mouth_and_fatigue INTEGER NOT NULL, 
	dry_mouth_and_sleep INTEGER NOT NULL, 
	dry_mouth_and_appetite INTEGER NOT NULL, 
	dry_mouth_and_bladder INTEGER NOT NULL, 
	tremor_and_anxiety INTEGER NOT NULL, 
	tremor_and_hallucinations INTEGER NOT NULL, 
	tremor_and_dissociation INTEGER NOT NULL, 
	tremor_and_fatigue INTEGER NOT NULL, 
	tremor_and_sleep INTEGER NOT NULL, 
	tremor_and_appetite INTEGER NOT NULL, 
	tremor_and_bladder INTEGER NOT NULL, 
	anxiety_and_hallucinations INTEGER NOT NULL, 
	anxiety_and_dissociation INTEGER NOT NULL, 
	anxiety_and_fatigue INTEGER NOT NULL, 
	anxiety_and_sleep INTEGER NOT NULL, 
	anxiety_and_appetite INTEGER NOT NULL, 
	anxiety_and_bladder INTEGER NOT NULL, 
	hallucinations_and_dissociation INTEGER NOT NULL, 
	hallucinations_and_fatigue INTEGER NOT NULL, 
	hallucinations_and_sleep INTEGER NOT NULL, 
	hallucinations_and_appetite INTEGER NOT NULL, 
	hallucinations_and_bladder INTEGER NOT NULL, 
	dissociation_and_fatigue INTEGER NOT NULL, 
	dissociation_and_sleep INTEGER NOT NULL, 
	dissociation_and_appetite INTEGER NOT NULL, 
	dissociation_and_bladder INTEGER NOT NULL, 
	fatigue_and_sleep INTEGER NOT NULL, 
	fatigue_and_appetite INTEGER NOT NULL, 
	fatigue_and_bladder INTEGER NOT NULL, 
	sleep_and_appetite INTEGER NOT NULL, 
	sleep_and_bladder INTEGER NOT NULL, 
	appetite_and_bladder INTEGER NOT NULL, 
	PRIMARY KEY (week, window, number_band, origin, door, language, list_version), 
	CONSTRAINT week_is_a_date CHECK (week LIKE '____-__-__'), 
	CONSTRAINT number_band_known CHECK ("number_band" IN ('1st', '2nd-6th', '7th-12th', '13th-24th', '25th+', 'later', 'unknown')), 
	CONSTRAINT window_known CHECK ("window" IN ('0-4 h', '4-24 h', '1-7 d', '>7 d')), 
	CONSTRAINT origin_known CHECK ("origin" IN ('open', 'invited')), 
	CONSTRAINT door_known CHECK ("door" IN ('app', 'plain')), 
	CONSTRAINT language_is_a_tag CHECK (length(language) BETWEEN 2 AND 12), 
	CONSTRAINT list_version_counts CHECK (list_version >= 1), 
	CONSTRAINT counters_within_n CHECK ("n" BETWEEN 0 AND n AND "nausea" BETWEEN 0 AND n AND "heart_rate" BETWEEN 0 AND n AND "vision" BETWEEN 0 AND n AND "dizziness" BETWEEN 0 AND n AND "headache" BETWEEN 0 AND n AND "dry_mouth" BETWEEN 0 AND n AND "tremor" BETWEEN 0 AND n AND "anxiety" BETWEEN 0 AND n AND "hallucinations" BETWEEN 0 AND n AND "dissociation" BETWEEN 0 AND n AND "fatigue" BETWEEN 0 AND n AND "sleep" BETWEEN 0 AND n AND "appetite" BETWEEN 0 AND n AND "bladder" BETWEEN 0 AND n AND "none" BETWEEN 0 AND n AND "ticked_1" BETWEEN 0 AND n AND "ticked_2" BETWEEN 0 AND n AND "ticked_3" BETWEEN 0 AND n AND "ticked_4" BETWEEN 0 AND n AND "ticked_5" BETWEEN 0 AND n AND "ticked_6" BETWEEN 0 AND n AND "ticked_7" BETWEEN 0 AND n AND "ticked_8" BETWEEN 0 AND n AND "ticked_9" BETWEEN 0 AND n AND "ticked_10" BETWEEN 0 AND n AND "ticked_11" BETWEEN 0 AND n AND "ticked_12" BETWEEN 0 AND n AND "ticked_13" BETWEEN 0 AND n AND "ticked_14" BETWEEN 0 AND n AND "nausea_and_heart_rate" BETWEEN 0 AND n AND "nausea_and_vision" BETWEEN 0 AND n AND "nausea_and_dizziness" BETWEEN 0 AND n AND "nausea_and_headache" BETWEEN 0 AND n AND "nausea_and_dry_mouth" BETWEEN 0 AND n AND "nausea_and_tremor" BETWEEN 0 AND n AND "nausea_and_anxiety" BETWEEN 0 AND n AND "nausea_and_hallucinations" BETWEEN 0 AND n AND "nausea_and_dissociation" BETWEEN 0 AND n AND "nausea_and_fatigue" BETWEEN 0 AND n AND "nausea_and_sleep" BETWEEN 0 AND n AND "nausea_and_appetite" BETWEEN 0 AND n AND "nausea_and_bladder" BETWEEN 0 AND n AND "heart_rate_and_vision" BETWEEN 0 AND n AND "heart_rate_and_dizziness" BETWEEN 0 AND n AND "heart_rate_and_headache" BETWEEN 0 AND n AND "heart_rate_and_dry_mouth" BETWEEN 0 AND n AND "heart_rate_and_tremor" BETWEEN 0 AND n AND "heart_rate_and_anxiety" BETWEEN 0 AND n AND "heart_rate_and_hallucinations" BETWEEN 0 AND n AND "heart_rate_and_dissociation" BETWEEN 0 AND n AND "heart_rate_and_fatigue" BETWEEN 0 AND n AND "heart_rate_and_sleep" BETWEEN 0 AND n AND "heart_rate_and_appetite" BETWEEN 0 AND n AND "heart_rate_and_bladder" BETWEEN 0 AND n AND "vision_and_dizziness" BETWEEN 0 AND n AND "vision_and_headache" BETWEEN 0 AND n AND "vision_and_dry_mouth" BETWEEN 0 AND n AND "vision_and_tremor" BETWEEN 0 AND n AND "vision_and_anxiety" BETWEEN 0 AND n AND "vision_and_hallucinations" BETWEEN 0 AND n AND "vision_and_dissociation" BETWEEN 0 AND n AND "vision_and_fatigue" BETWEEN 0 AND n AND "vision_and_sleep" BETWEEN 0 AND n AND "vision_and_appetite" BETWEEN 0 AND n AND "vision_and_bladder" BETWEEN 0 AND n AND "dizziness_and_headache" BETWEEN 0 AND n AND "dizziness_and_dry_mouth" BETWEEN 0 AND n AND "dizziness_and_tremor" BETWEEN 0 AND n AND "dizziness_and_anxiety" BETWEEN 0 AND n AND "dizziness_and_hallucinations" BETWEEN 0 AND n AND "dizziness_and_dissociation" BETWEEN 0 AND n AND "dizziness_and_fatigue" BETWEEN 0 AND n AND "dizziness_and_sleep" BETWEEN 0 AND n AND "dizziness_and_appetite" BETWEEN 0 AND n AND "dizziness_and_bladder" BETWEEN 0 AND n AND "headache_and_dry_mouth" BETWEEN 0 AND n AND "headache_and_tremor" BETWEEN 0 AND n AND "headache_and_anxiety" BETWEEN 0 AND n AND "headache_and_hallucinations" BETWEEN 0 AND n AND "headache_and_dissociation" BETWEEN 0 AND n AND "headache_and_fatigue" BETWEEN 0 AND n AND "headache_and_sleep" BETWEEN 0 AND n AND "headache_and_appetite" BETWEEN 0 AND n AND "headache_and_bladder" BETWEEN 0 AND n AND "dry_mouth_and_tremor" BETWEEN 0 AND n AND "dry_mouth_and_anxiety" BETWEEN 0 AND n AND "dry_mouth_and_hallucinations" BETWEEN 0 AND n AND "dry_mouth_and_dissociation" BETWEEN 0 AND n AND "dry_mouth_and_fatigue" BETWEEN 0 AND n AND "dry_mouth_and_sleep" BETWEEN 0 AND n AND "dry_mouth_and_appetite" BETWEEN 0 AND n AND "dry_mouth_and_bladder" BETWEEN 0 AND n AND "tremor_and_anxiety" BETWEEN 0 AND n AND "tremor_and_hallucinations" BETWEEN 0 AND n AND "tremor_and_dissociation" BETWEEN 0 AND n AND "tremor_and_fatigue" BETWEEN 0 AND n AND "tremor_and_sleep" BETWEEN 0 AND n AND "tremor_and_appetite" BETWEEN 0 AND n AND "tremor_and_bladder" BETWEEN 0 AND n AND "anxiety_and_hallucinations" BETWEEN 0 AND n AND "anxiety_and_dissociation" BETWEEN 0 AND n AND "anxiety_and_fatigue" BETWEEN 0 AND n AND "anxiety_and_sleep" BETWEEN 0 AND n AND "anxiety_and_appetite" BETWEEN 0 AND n AND "anxiety_and_bladder" BETWEEN 0 AND n AND "hallucinations_and_dissociation" BETWEEN 0 AND n AND "hallucinations_and_fatigue" BETWEEN 0 AND n AND "hallucinations_and_sleep" BETWEEN 0 AND n AND "hallucinations_and_appetite" BETWEEN 0 AND n AND "hallucinations_and_bladder" BETWEEN 0 AND n AND "dissociation_and_fatigue" BETWEEN 0 AND n AND "dissociation_and_sleep" BETWEEN 0 AND n AND "dissociation_and_appetite" BETWEEN 0 AND n AND "dissociation_and_bladder" BETWEEN 0 AND n AND "fatigue_and_sleep" BETWEEN 0 AND n AND "fatigue_and_appetite" BETWEEN 0 AND n AND "fatigue_and_bladder" BETWEEN 0 AND n AND "sleep_and_appetite" BETWEEN 0 AND n AND "sleep_and_bladder" BETWEEN 0 AND n AND "appetite_and_bladder" BETWEEN 0 AND n)
)
 STRICT

;
INSERT INTO "tallies" VALUES('2026-11-23','unknown','0-4 h','open','app','en',1,1,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0);
INSERT INTO "tallies" VALUES('2026-11-23','unknown','>7 d','open','app','en',1,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0);
INSERT INTO "tallies" VALUES('2026-11-23','unknown','4-24 h','open','app','en',1,1,0,0,0,0,0,0,0,0,0,0,1,0,0,0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0);
INSERT INTO "tallies" VALUES('2026-11-23','13th-24th','0-4 h','invited','app','en',1,1,1,0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0);
CREATE INDEX infusions_by_registration ON infusions (registered);
CREATE INDEX attempts_at ON attempts (at);
CREATE INDEX check_ins_by_receipt ON check_ins (receipt_digest);
CREATE UNIQUE INDEX one_check_in_per_infusion_and_window ON check_ins (infusion, window) WHERE withdrawn IS NULL AND infusion IS NOT NULL;
CREATE INDEX staff_devices_by_person ON staff_devices (who);
CREATE INDEX corrections_by_check_in ON corrections (check_in);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
COMMIT;
