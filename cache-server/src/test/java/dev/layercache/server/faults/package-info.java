/** What a disk may do to a store: rot, fill up, fail, lose power. */
package dev.layercache.server.faults;
