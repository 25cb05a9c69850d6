/**
 * Images outside the cache: where a push reads from and a pull writes to. {@link
 * dev.layercache.client.image.ImageSource} and {@link dev.layercache.client.image.ImageDestination}
 * are the contract; the others are the forms that people have (OCI layout, its tar, docker's
 * archive).
 */
package dev.layercache.client.image;
