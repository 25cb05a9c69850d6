/** An HTTP/1.1 driver that costs little: the machine's cores are for the servers. */
package dev.layercache.load.http;
