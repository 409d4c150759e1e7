/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks that look at more than one field of a spec, whoever filled it: the reader of
 * config.json, the command line or a tenant file. Pure: no file is opened.
 *
 * A place that has a fault already (of the reader) gets no second one.
 */
#pragma once

struct faults;
struct process_spec;
struct resources;
struct spec;

/* Faults name their place with the JSON pointer that the field has in config.json. */
void spec_check(const struct spec *s, struct faults *f);

/* The process alone (exec); pointer is the prefix, "" or "/process". */
void process_check(const struct process_spec *p, const char *pointer, struct faults *f);

/* The resources alone (update); pointer is the prefix, "" or "/linux/resources". */
void resources_check(const struct resources *r, const char *pointer, struct faults *f);
