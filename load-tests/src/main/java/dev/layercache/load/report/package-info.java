/** What a run is told as: tables on the terminal, JSON, a page with plots, and RESULTS.md. */
package dev.layercache.load.report;
