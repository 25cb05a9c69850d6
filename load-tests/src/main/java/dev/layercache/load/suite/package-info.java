/** The suites, one class each; {@link dev.layercache.load.suite.Suites} lists them. */
package dev.layercache.load.suite;
